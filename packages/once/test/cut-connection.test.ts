import { once as event } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createReceiver, defineProvider, memoryInbox, requireText } from '@hookport/core'
import { onceIn } from '@hookport/once/pg'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { silentLogger } from '@hookport/testkit/logs'
import { startPostgresProxy } from '@hookport/testkit/proxies/postgres-proxy'
import { startPostgres } from '@hookport/testkit/servers/postgres-server'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'

const acme = defineProvider({
  name: 'acme',
  allowUnsigned: true,
  retryHorizon: 60_000,
  events: {},
  signatureHeaders: [],
  readSignature: () => 'missing',
  readEnvelope: (payload) => ({ id: requireText(payload, 'id'), type: 'order.paid', createdAt: new Date() }),
})

/** A receiver whose one handler writes through a connection that can be cut at any message. */
async function atProxy(load?: () => Promise<string>) {
  const server = await startPostgres()
  const proxy = await startPostgresProxy(server.port)
  const direct = new pg.Client({ connectionString: server.url })
  await direct.connect()
  await direct.query('create table effects (id text)')
  const pool = new pg.Pool({ connectionString: proxy.url, max: 1 })
  pool.on('error', () => {})
  const once = onceIn(pool)
  await once.migrate()
  const receiver = createReceiver({
    provider: acme,
    inbox: memoryInbox(),
    logger: silentLogger,
    retry: { attempts: 3, initialDelay: 1, maxDelay: 1 },
  })
  let tries = 0
  receiver.onAnyEvent(
    once('save', {
      ...(load && { load }),
      apply: async ({ id }, _, { tx }) => {
        tries += 1
        await tx.query('insert into effects values ($1)', [id])
      },
    }),
  )
  onTestFinished(async () => {
    await receiver.stop()
    await pool.end().catch(() => {})
    await direct.end()
    await proxy.stop()
    await server.stop()
  })
  return {
    proxy,
    /** On a new connection, handles one event to its end. */
    async handle(id: string, cutAfter: number) {
      const client = await pool.connect()
      const removed = event(pool, 'remove')
      client.release(true)
      await removed
      tries = 0
      proxy.cutAfter(cutAfter)
      await receiver.inbox.put(eventRecord({ id }), { rememberMs: 60_000 })
      for (;;) {
        await receiver.idle()
        const { pending, active, scheduled, dead } = await receiver.inbox.counts()
        expect(dead).toBe(0)
        if (pending + active + scheduled === 0) break
        await sleep(1)
      }
      const { rows } = await direct.query('select count(*)::int as n from effects where id = $1', [id])
      return { effects: rows[0].n as number, tries, messages: proxy.messages }
    },
  }
}

const kinds: readonly (readonly [string, (() => Promise<string>) | undefined])[] = [
  ['with load', async () => 'loaded'],
  ['with apply alone', undefined],
]

describe.each(process.env.TEST_ALL ? kinds : kinds.slice(0, 1))('a handler of once %s', (_, load) => {
  test('has its effect once, after whichever message of its life the connection is cut', {
    timeout: 120_000,
  }, async () => {
    const { handle } = await atProxy(load)
    await handle('first', Number.POSITIVE_INFINITY) // after which old receipts are looked for
    const { messages } = await handle('whole', Number.POSITIVE_INFINITY)
    expect(messages).toBeGreaterThan(30)
    const outcomes: { effects: number; tries: number }[] = []
    for (let k = 0; k < messages; k++) outcomes.push(await handle(`cut_${k}`, k))
    expect(outcomes.map(({ effects }) => effects)).toEqual(outcomes.map(() => 1))
    // Where it was cut before COMMIT arrived, apply ran again; where the reply to COMMIT was lost, it did not.
    const tries = outcomes.map(({ tries }) => tries)
    // That reply is three messages: the savepoint is released, the transaction is committed, and the server is ready.
    expect(tries.slice(0, -4)).toContain(2)
    expect(tries.slice(-4)).toEqual([2, 1, 1, 1])
  })
})
