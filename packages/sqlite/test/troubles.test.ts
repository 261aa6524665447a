import { DatabaseSync } from 'node:sqlite'
import { manualClock } from '@hookport/core/testing'
import { consumeRecorded, dead, done } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test, vi } from 'vitest'
import { Housekeeping } from '../src/open/housekeeping.ts'
import { openDatabase } from '../src/open/open-database.ts'
import { handleAll, rememberMs, temporaryFile, testInbox } from './support/test-inbox.ts'

const hour = 3_600_000

test.each([
  ['full', 2],
  ['normal', 1],
] as const)('synchronous %s is what SQLite is told', (synchronous, level) => {
  const database = openDatabase({ path: temporaryFile(), synchronous, clock: manualClock() })
  expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: level })
  database.close()
})

test('puts that race close resolve, and are in the file', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  const puts = Array.from({ length: 300 }, (_, id) =>
    inbox.put(eventRecord({ id: String(id) }), { rememberMs }),
  )
  const closing = inbox.close()
  for (const result of await Promise.all(puts)) expect(result).toEqual({ outcome: 'accepted' })
  await closing
  const database = new DatabaseSync(path)
  expect(database.prepare('SELECT count(*) AS count FROM events').get()).toEqual({ count: 300 })
  database.close()
})

test('a put is rejected by the name of the file where something else has removed a table of it', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  await inbox.put(eventRecord({ id: 'before' }), { rememberMs })
  const database = new DatabaseSync(path)
  database.exec('DROP TABLE ids')
  database.close()
  await expect(inbox.put(eventRecord({ id: 'after' }), { rememberMs })).rejects.toThrow(
    `${path} does not have the tables of its version`,
  )
})

test('a redriven event is not deleted as the dead letter that it was', async () => {
  const clock = manualClock()
  const inbox = testInbox({ clock, keepDeadFor: hour })
  const event = eventRecord({ id: 'redriven' })
  await inbox.put(event, { rememberMs })
  await handleAll(inbox, async () => dead)
  expect(await inbox.redrive(event.key)).toBe(true)
  for (let step = 0; step < 4; step++) {
    await clock.advance(hour)
    await inbox.put(eventRecord({ id: `other ${step}`, source: 'other' }), { rememberMs })
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect(await inbox.get(event.key)).toMatchObject({ state: 'pending' })
  const { attempts } = await handled(inbox)
  expect(attempts.map(({ event: { id } }) => id)).toEqual(['redriven'])
})

async function handled(inbox: ReturnType<typeof testInbox>) {
  const recorded = consumeRecorded(inbox, async () => done)
  await recorded.consumer.idle()
  return recorded
}

/** Housekeeping on a clock that the test sets, whose steps end as it says. */
function housekeeping(outcomes: (() => Promise<boolean>)[]) {
  let now = 0
  let firstPart: unknown
  const step = vi.fn(() => (outcomes.shift() ?? (async () => false))())
  const write = (part: unknown) => {
    firstPart ??= part
    return part === firstPart ? step() : Promise.resolve(false)
  }
  const keeping = new Housekeeping({ write, elapsed: () => now, keepDeadFor: hour })
  const tickAt = async (at: number) => {
    now = at
    keeping.tick()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { step, tickAt, keeping }
}

test('housekeeping looks for something to do every ten seconds', async () => {
  const { step, tickAt } = housekeeping([])
  for (const at of [0, 9_999, 10_000, 19_999, 20_000]) await tickAt(at)
  expect(step).toHaveBeenCalledTimes(3)
})

test('a step that fails does not end housekeeping', async () => {
  const { step, tickAt } = housekeeping([() => Promise.reject(new Error('disk full'))])
  await tickAt(0)
  await tickAt(10_000)
  expect(step).toHaveBeenCalledTimes(2)
})

test('a clock that is set back does not end housekeeping', async () => {
  const { step, tickAt } = housekeeping([])
  await tickAt(1_000_000)
  await tickAt(5)
  expect(step).toHaveBeenCalledTimes(2)
})

test('while there is more to do the next step comes by itself, and after close none', async () => {
  const { step, tickAt, keeping } = housekeeping([async () => true, async () => true])
  await tickAt(0)
  await vi.waitFor(() => expect(step).toHaveBeenCalledTimes(3), 10_000)
  const closed = housekeeping([async () => true])
  await closed.tickAt(0)
  closed.keeping.close()
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(closed.step).toHaveBeenCalledTimes(1)
  keeping.close()
})
