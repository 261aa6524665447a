import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Verdict } from '@hookport/core'
import { inAnotherProcess } from '@hookport/core/testing'
import { postgresInbox } from '@hookport/postgres'
import { deferred } from '@hookport/testkit/deferred'
import { expect, onTestFinished, test } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()

test('a process frozen past its leases: another has its events, and what it says of them when it wakes changes nothing', async () => {
  const schema = newSchema()
  const inbox = postgresInbox({ pool: database.pool(), schema, leaseMs: 60_000, pollMs: 50 })
  const ids = ['done_1', 'done_2', 'retry_1', 'retry_2']
  for (const id of ids) await inbox.put(sampleEvent(id), remembered)
  const child = fork(new URL('./support/hold.ts', import.meta.url), [database.server.url, schema], {
    execArgv: ['--conditions=@hookport/source', '--no-warnings'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const holds: string[] = []
  child.on('message', (message) => holds.push((message as { holds: string }).holds))
  await expect.poll(() => holds.length, { timeout: 30_000 }).toBe(4)
  child.kill('SIGSTOP')

  const turns: { id: string; attempt: number; interruptions: number }[] = []
  const gate = deferred()
  const consumer = inbox.consume(async ({ event, attempt, interruptions, progress }) => {
    turns.push({ id: event.id, attempt, interruptions })
    await gate.promise
    return { outcome: 'done', progress }
  }, consuming())
  const expected = ids.map((id) => ({ id, attempt: 1, interruptions: 1 }))
  const inOrder = () => turns.toSorted((one, other) => one.id.localeCompare(other.id))
  await expect.poll(inOrder, { timeout: 15_000 }).toEqual(expected)
  const look = () =>
    database.ask(
      `SELECT id, lease_token, due_at, attempt, interruptions, progress, failures FROM ${schema}.events ORDER BY id`,
    )
  const before = await look()
  expect(before.map(({ id }) => id)).toEqual(ids)

  child.send('go on')
  child.kill('SIGCONT')
  await once(child, 'exit')
  expect(await look()).toEqual(before)
  gate.resolve()
  await consumer.idle()
  expect(await look()).toEqual([])
  expect(inOrder()).toEqual(expected)
  await inbox.close()
}, 60_000)

const none = { completed: [], abandoned: [] }
const verdicts: Record<string, Verdict> = {
  done: { outcome: 'done', progress: none },
  handled: { outcome: 'done', progress: none, keepMs: 60_000 },
  retry: { outcome: 'retry', delayMs: 0, progress: none, failures: [], attemptUsed: true },
  dead: { outcome: 'dead', progress: none, failures: [] },
  park: { outcome: 'park', progress: none },
  replace: { outcome: 'replace', event: sampleEvent('read'), ...remembered },
}

test('a verdict of each kind under a lost lease is said to be void, also of an event of an order key', async () => {
  const schema = newSchema()
  const options = { pool: database.pool(), schema, leaseMs: 600_000 }
  const [one, other] = [postgresInbox(options), postgresInbox(options)]
  const names = Object.keys(verdicts)
  const ids = [...names, ...names.map((name) => `${name} in line`)]
  for (const id of ids)
    await one.put(sampleEvent(id, id.endsWith('in line') ? { orderKey: `acme:${id}` } : {}), remembered)
  const [late, heirs] = [deferred(), deferred()]
  const [lost, taken, told]: string[][] = [[], [], []]
  const warn = ({ key }: { key?: string }, message: string) =>
    void told?.push(message.endsWith('is void') ? `${key}` : message)
  const loser = one.consume(
    async ({ event }) => {
      lost?.push(event.id)
      await late.promise
      return verdicts[event.id.split(' ')[0] as string] as Verdict
    },
    consuming({ concurrency: 16, logger: { ...consuming().logger, warn, error: warn } as never }),
  )
  await expect.poll(() => lost?.length, { timeout: 15_000 }).toBe(ids.length)
  await database.ask(`UPDATE ${schema}.events SET due_at = 1 WHERE lease_token IS NOT NULL`)
  const heir = inAnotherProcess(() =>
    other.consume(
      async ({ event, progress }) => {
        taken?.push(event.id)
        await heirs.promise
        return { outcome: 'done', progress }
      },
      consuming({ concurrency: 16 }),
    ),
  )
  await expect.poll(() => taken?.length, { timeout: 15_000 }).toBe(ids.length)
  late.resolve()
  await loser.idle()
  expect(told?.toSorted()).toEqual(ids.map((id) => `acme:${id}`).toSorted())
  heirs.resolve()
  await heir.idle()
  expect(await other.counts()).toMatchObject({ active: 0, dead: 0, parked: 0, handled: 0, pending: 0 })
  await Promise.all([one.close(), other.close()])
}, 60_000)
