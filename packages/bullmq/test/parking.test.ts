import { setTimeout } from 'node:timers/promises'
import { type Inbox, noProgress, type Verdict } from '@hookport/core'
import { deferred } from '@hookport/testkit/deferred'
import { retryIn } from '@hookport/testkit/inbox/attempts'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { expect, test, vi } from 'vitest'
import { useBench } from './support/bench.ts'
import { consume } from './support/consuming.ts'
import { done, remember, sampleEvent, sampleFailure } from './support/sample-event.ts'

const bench = useBench()
const patience = { timeout: 30_000 }

async function put(inbox: Inbox, count: number, type: string): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => inbox.put(sampleEvent({ type }), remember)))
}

test('of 200 events of a type that one of ten processes handles none is dropped, however many others take them first', async () => {
  const others = Array.from({ length: 9 }, () => consume(bench.open(), undefined, { types: ['old'] }))
  const inbox = bench.open()
  await put(inbox, 100, 'new')
  await vi.waitFor(
    async () => expect(await inbox.counts()).toEqual({ ...emptyCounts, parked: 100 }),
    patience,
  )
  const knowing = consume(inbox, undefined, { types: ['old', 'new'] })
  await put(inbox, 100, 'new')
  await vi.waitFor(async () => expect(await inbox.counts()).toEqual(emptyCounts), patience)
  expect(new Set(knowing.ids).size).toBe(200)
  expect(knowing.turns).toHaveLength(200)
  expect(others.flatMap(({ turns }) => turns)).toEqual([])
  const reports = () => others.flatMap(({ reports }) => reports)
  await vi.waitFor(() => expect(reports().length).toBeGreaterThanOrEqual(100), patience)
  expect(reports().every(({ outcome, event }) => outcome === 'parked' && event.type === 'new')).toBe(true)
}, 60_000)

test('events that are parked are handed out at once where a handler for their type is registered later', async () => {
  const inbox = bench.open()
  const types: string[] = []
  const consuming = consume(inbox, undefined, { types })
  await put(inbox, 20, 'late')
  await vi.waitFor(async () => expect(await inbox.counts()).toEqual({ ...emptyCounts, parked: 20 }), patience)
  types.push('late')
  consuming.consumer.wake()
  await vi.waitFor(() => expect(consuming.turns).toHaveLength(20), { timeout: 2_000 })
})

test('a consumer is idle once it has seen all that is parked for it, however much of it has to wait for another of its order key', async () => {
  const inbox = bench.open()
  const ofLine = (type: string) => inbox.put(sampleEvent({ type, orderKey: 'k' }), remember)
  const settle = async (verdict: Verdict, types: string[]) => {
    const { consumer } = consume(inbox, async () => verdict, { types })
    await consumer.idle()
    await consumer.stop()
  }
  await Promise.all(Array.from({ length: 600 }, () => ofLine('new')))
  await settle({ outcome: 'park', progress: noProgress }, ['old'])
  await ofLine('old')
  await settle(retryIn(3_600_000), ['old'])
  expect(await inbox.counts()).toMatchObject({ parked: 600, scheduled: 1 })
  await settle({ outcome: 'done', progress: noProgress }, ['new'])
  expect(await inbox.counts()).toMatchObject({ parked: 0, scheduled: 1, pending: 600 })
})

test('what is parked under a lease is handed out at once where another process has a handler for it', async () => {
  const inbox = bench.open()
  const knowing = consume(inbox, undefined, { types: ['new'] })
  await knowing.consumer.idle()
  await inbox.put(sampleEvent({ type: 'other' }), remember) // so that its taker is not waited for
  const event = sampleEvent({ type: 'new' })
  const claim = await inbox.claim(event, { ...remember, leaseMs: 30_000 })
  if (claim.outcome !== 'claimed') throw new Error(claim.outcome)
  const burial = { progress: { completed: ['audit'], abandoned: [] }, failures: [], ...remember }
  expect(await inbox.park(claim.lease, event, burial)).toBe(true)
  await vi.waitFor(() => expect(knowing.ids).toEqual([event.id]), { timeout: 2_000 })
  expect(knowing.turns[0]?.progress.completed).toEqual(['audit'])
})

test('what a consumer of another process has parked is found within five seconds, without being told', async () => {
  const inbox = bench.open()
  const catchAlls = deferred<Verdict>()
  const other = consume(bench.open(), () => catchAlls.promise, { types: [], others: 'hand-out' })
  const event = sampleEvent({ type: 'new' })
  await inbox.put(event, remember)
  await vi.waitFor(() => expect(other.ids).toEqual([event.id]), patience)
  const knowing = consume(inbox, undefined, { types: ['new'] })
  await knowing.consumer.idle()
  catchAlls.resolve({ outcome: 'park', progress: { completed: ['audit'], abandoned: [] } })
  await vi.waitFor(() => expect(knowing.ids).toEqual([event.id]), { timeout: 6_000 })
  expect(knowing.turns[0]?.progress.completed).toEqual(['audit'])
})

test('a parked event is counted, listed, found, remembered and discarded', async () => {
  const inbox = bench.open()
  consume(inbox, undefined, { types: [] })
  const event = sampleEvent({ type: 'new' })
  await inbox.put(event, remember)
  await vi.waitFor(async () => expect(await inbox.counts()).toEqual({ ...emptyCounts, parked: 1 }), patience)
  expect((await inbox.list({ state: 'parked', type: 'new' })).items).toMatchObject([{ key: event.key }])
  expect(await inbox.get(event.key)).toMatchObject({ state: 'parked', rawBody: event.rawBody })
  expect(await inbox.put(event, remember)).toEqual({ outcome: 'duplicate', conflict: false })
  expect(await inbox.redrive(event.key)).toBe(false)
  expect(await inbox.discard(event.key)).toBe(true)
  expect(await inbox.counts()).toEqual(emptyCounts)
  expect(await bench.redis.keys(`${bench.prefix}:*parked*`)).toEqual([])
})

test('catch-alls run once: the verdict parks the event with its progress, for a process that knows more', async () => {
  const inbox = bench.open()
  const catchAll = consume(
    inbox,
    async () => ({ outcome: 'park', progress: { completed: ['catch-all'], abandoned: [] } }),
    { types: [], others: 'hand-out' },
  )
  await inbox.put(sampleEvent({ type: 'new' }), remember)
  await vi.waitFor(async () => expect(await inbox.counts()).toEqual({ ...emptyCounts, parked: 1 }), patience)
  await catchAll.consumer.idle()
  expect(catchAll.turns).toHaveLength(1)
  const knowing = consume(bench.open(), undefined, { types: ['new'] })
  await vi.waitFor(() => expect(knowing.turns).toHaveLength(1), patience)
  expect(knowing.turns[0]?.progress.completed).toEqual(['catch-all'])
})

test('an event that waits for a process that knows more is in one state at a time: being handled there, it is not scheduled any more', async () => {
  const inbox = bench.open()
  const progress = { completed: ['catch-all'], abandoned: [] }
  const waits: Verdict = {
    outcome: 'retry',
    delayMs: 3_600_000,
    progress,
    failures: [],
    attemptUsed: true,
    untilWanted: true,
  }
  consume(inbox, async () => waits, { types: [], others: 'hand-out' })
  await inbox.put(sampleEvent({ type: 'new' }), remember)
  await vi.waitFor(
    async () => expect(await inbox.counts()).toEqual({ ...emptyCounts, scheduled: 1 }),
    patience,
  )
  const handlers = deferred<Verdict>()
  const knowing = consume(bench.open(), () => handlers.promise, { types: ['new'] })
  await vi.waitFor(() => expect(knowing.turns).toHaveLength(1), patience)
  expect(await inbox.counts()).toEqual({ ...emptyCounts, active: 1 })
  handlers.resolve(done)
  await vi.waitFor(async () => expect(await inbox.counts()).toEqual(emptyCounts), patience)
})

test('others are dropped where the receiver wants that, and reported as dropped', async () => {
  const inbox = bench.open()
  const { reports, turns } = consume(inbox, undefined, { types: ['old'], others: 'drop' })
  await put(inbox, 3, 'new')
  const outcomes = () => reports.map(({ outcome }) => outcome)
  await vi.waitFor(() => expect(outcomes()).toEqual(['dropped', 'dropped', 'dropped']), patience)
  expect(await inbox.counts()).toEqual(emptyCounts)
  expect(turns).toEqual([])
})

test('what is parked for too long, or too much, expires: the oldest first', async () => {
  const inbox = bench.open()
  const bytes = sampleEvent().rawBody.length
  const limits = { keepMs: Number.POSITIVE_INFINITY, maxBytes: 3 * bytes }
  const few = consume(inbox, undefined, { types: [], parking: limits })
  const keysOf = (outcome: string) =>
    few.reports.flatMap((report) => (report.outcome === outcome ? [report.event.key] : []))
  const keys: string[] = []
  for (const event of Array.from({ length: 5 }, () => sampleEvent({ type: 'new' }))) {
    await inbox.put(event, remember)
    keys.push(event.key)
    await vi.waitFor(() => expect(keysOf('parked')).toEqual(keys), patience)
    await setTimeout(2) // the age of what is parked is known to the millisecond
  }
  await vi.waitFor(() => expect(keysOf('expired')).toEqual(keys.slice(0, 2)), patience)
  expect(await inbox.counts()).toEqual({ ...emptyCounts, parked: 3 })
  await few.consumer.stop()
  const brief = consume(inbox, undefined, { types: [], parking: { keepMs: 1, maxBytes: 1e9 } })
  const outcomes = () => brief.reports.map(({ outcome }) => outcome)
  await vi.waitFor(() => expect(outcomes()).toEqual(['expired', 'expired', 'expired']), patience)
  expect(await inbox.counts()).toEqual(emptyCounts)
})

test('what could not be read is handed out whatever types are wanted, and replaced by what it holds', async () => {
  const inbox = bench.open()
  const unreadable = sampleEvent({ type: 'unreadable', unreadable: true })
  const known = sampleEvent({ id: 'known' })
  const fresh = sampleEvent({ id: 'fresh', type: 'old' })
  await inbox.put(known, remember)
  expect(await inbox.discard(known.key)).toBe(true)
  for (const event of [known, fresh]) {
    const original = { ...unreadable, key: `sematryx:raw-${event.id}` }
    await inbox.put(original, { ...remember, failure: sampleFailure })
    expect(await inbox.get(original.key)).toMatchObject({ state: 'dead', failures: [sampleFailure] })
    expect(await inbox.redrive(original.key)).toBe(true)
    const { consumer } = consume(
      inbox,
      async (turn) => (turn.event.unreadable ? { outcome: 'replace', event, ...remember } : done),
      { types: ['another'] },
    )
    await consumer.idle()
    await consumer.stop()
    expect(await inbox.get(original.key)).toBeUndefined()
  }
  expect(await inbox.get(known.key)).toBeUndefined()
  expect(await inbox.get(fresh.key)).toMatchObject({ state: 'parked', type: 'old' })
  expect(await inbox.put(fresh, remember)).toMatchObject({ outcome: 'duplicate' })
})
