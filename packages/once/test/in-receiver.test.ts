import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createReceiver, defineProvider, requireText } from '@hookport/core'
import { onceIn } from '@hookport/once/node-sqlite'
import { sqliteInbox } from '@hookport/sqlite'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { silentLogger } from '@hookport/testkit/logs'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'

function received() {
  const database = new DatabaseSync(':memory:')
  database.exec('create table effects (id text)')
  const provider = defineProvider({
    name: 'acme',
    allowUnsigned: true,
    retryHorizon: 60_000,
    events: { 'order.paid': z.unknown() },
    signatureHeaders: [],
    readSignature: () => 'missing',
    readEnvelope: (payload) => ({
      id: requireText(payload, 'id'),
      type: 'order.paid',
      createdAt: new Date(),
    }),
  })
  const receiver = createReceiver({
    provider,
    inbox: sqliteInbox({ path: join(temporaryFolder(), 'inbox.db') }),
    logger: silentLogger,
    retry: { attempts: 2, initialDelay: 1, maxDelay: 1 },
  })
  onTestFinished(async () => {
    await receiver.stop()
    database.close()
  })
  const effects = () =>
    database
      .prepare('select id from effects')
      .all()
      .map(({ id }) => id)
  return { database, receiver, effects, once: onceIn(database) }
}

test('several of one type need no other names, and a redrive repeats an effect only where it is wanted again', async () => {
  const { database, receiver, effects, once } = received()
  await once.migrate()
  const save = database.prepare('insert into effects values (?)')
  let isBroken = true
  receiver
    .onEvent(
      'order.paid',
      once('save', ({ id }) => void save.run(`saved ${id}`)),
    )
    .onEvent(
      'order.paid',
      once('mail', ({ id }) => void save.run(`mailed ${id}`)),
    )
    .onAnyEvent(() => {
      if (isBroken) throw new Error('broken')
    })
  await receiver.inbox.put(eventRecord(), { rememberMs: 60_000 })
  const settled = async (state: 'dead' | 'gone') => {
    await expect.poll(async () => (await receiver.inbox.get('acme:evt_1'))?.state ?? 'gone').toBe(state)
  }
  await settled('dead')
  expect(effects()).toEqual(['saved evt_1', 'mailed evt_1'])
  await receiver.redrive('acme:evt_1')
  await settled('dead')
  expect(effects()).toHaveLength(2)
  isBroken = false
  await receiver.redrive('acme:evt_1', { again: true })
  await settled('gone')
  expect(effects()).toEqual(['saved evt_1', 'mailed evt_1', 'saved evt_1', 'mailed evt_1'])
})
