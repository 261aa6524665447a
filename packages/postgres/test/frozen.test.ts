import { fork } from 'node:child_process'
import { once } from 'node:events'
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
