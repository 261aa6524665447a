import type { Verdict } from '@hookport/core'
import { deferred } from '@hookport/testkit/deferred'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { expect, onTestFinished, test, vi } from 'vitest'
import { RedisLink } from '../src/redis/redis-link.ts'
import { useBench } from './support/bench.ts'
import { consume } from './support/consuming.ts'
import { remember, sampleEvent, sampleFailure } from './support/sample-event.ts'

const bench = useBench()
const patience = { timeout: 30_000 }

test('a process whose lease ran out takes no event that it holds, and its verdicts count: 10 of 10 effects, once', async () => {
  const inbox = bench.open({ leaseMs: 1_000_000 })
  const gate = deferred<undefined>()
  for (let count = 0; count < 10; count++) await inbox.put(sampleEvent(), remember)
  const consuming = consume(inbox, () => gate.promise, { concurrency: 10 })
  await vi.waitFor(() => expect(consuming.turns).toHaveLength(10), patience)
  await bench.lapseLeases()
  consuming.consumer.wake()
  await inbox.put(sampleEvent({ source: 'other' }), remember)
  await new Promise((resolve) => setTimeout(resolve, 300))
  gate.resolve(undefined)
  await vi.waitFor(
    async () => expect(await inbox.counts({ source: 'sematryx' })).toEqual(emptyCounts),
    patience,
  )
  expect(consuming.turns).toHaveLength(10)
  expect(consuming.lines).toEqual([])
})

test('what was taken is handed out by the next taking where the answer was lost for good, and not as an interruption', async () => {
  const inbox = bench.open({ leaseMs: 1_000_000 })
  const event = sampleEvent()
  await inbox.put(event, remember)
  const lost = loseTakingOf(event.id)
  const { turns } = consume(inbox)
  await vi.waitFor(() => expect(turns).toHaveLength(1), patience)
  expect(lost.isLost).toBe(true)
  expect(turns).toMatchObject([{ event: { id: event.id }, interruptions: 0, wasInterrupted: false }])
})

test('a taking whose answer was lost is made up for without more events than there are free hands', async () => {
  const inbox = bench.open({ leaseMs: 1_000_000 })
  const events = Array.from({ length: 8 }, () => sampleEvent())
  for (const event of events) await inbox.put(event, remember)
  const ids = events.map(({ id }) => id)
  const lost = loseTakingOf(ids[0] ?? '')
  const gate = deferred<undefined>()
  onTestFinished(() => gate.resolve(undefined))
  const consuming = consume(inbox, () => gate.promise, { concurrency: 4 })
  await vi.waitFor(() => expect(consuming.turns).toHaveLength(4), patience)
  expect(await inbox.counts()).toEqual({ ...emptyCounts, active: 4, pending: 4 })
  expect(lost.isLost).toBe(true)
  gate.resolve(undefined)
  await consuming.consumer.idle()
  expect(consuming.ids.toSorted()).toEqual(ids.toSorted())
})

/** Has the first answer lost for good that hands out an event. */
function loseTakingOf(id: string): { isLost: boolean } {
  const lost = { isLost: false }
  const { run } = RedisLink.prototype
  const running = vi.spyOn(RedisLink.prototype, 'run').mockImplementation(async function (
    this: RedisLink,
    call,
  ) {
    const answer = await run.call(this, call)
    if (lost.isLost || call.script !== 'turn' || !JSON.stringify(answer).includes(id)) return answer
    lost.isLost = true
    throw new Error('Command timed out')
  })
  onTestFinished(() => running.mockRestore())
  return lost
}

test('nothing is handed out whose handler still runs here, whatever became of its turn', async () => {
  const inbox = bench.open()
  const running = new Set<string>()
  const [runs, next] = [sampleEvent(), sampleEvent()]
  running.add(runs.key)
  await inbox.put(runs, remember)
  await inbox.put(next, remember)
  const consuming = consume(inbox, undefined, { running: () => running })
  await consuming.consumer.idle()
  expect(consuming.ids).toEqual([next.id])
  expect(await inbox.get(runs.key)).toMatchObject({ state: 'pending' })
  running.clear()
  consuming.consumer.wake()
  await vi.waitFor(async () => expect(await inbox.counts()).toEqual(emptyCounts), patience)
})

test('a verdict counts as long as nobody else was handed the event, also when it stands in line again or is parked', async () => {
  const inbox = bench.open({ leaseMs: 1_000_000 })
  const gate = deferred<undefined>()
  const progress = { completed: [], abandoned: [] }
  const verdicts = {
    done: undefined,
    dead: { outcome: 'dead', progress, failures: [sampleFailure] },
    retried: { outcome: 'retry', delayMs: 3_600_000, progress, failures: [sampleFailure], attemptUsed: true },
  } as const
  for (const id of Object.keys(verdicts)) await inbox.put(sampleEvent({ id }), remember)
  const late = consume(inbox, async ({ event }) => {
    await gate.promise
    return verdicts[event.id as keyof typeof verdicts]
  })
  await vi.waitFor(() => expect(late.turns).toHaveLength(3), patience)
  await bench.lapseLeases()
  const other = consume(bench.open(), undefined, { types: ['another'] })
  await vi.waitFor(async () => expect(await inbox.counts()).toEqual({ ...emptyCounts, parked: 3 }), patience)
  gate.resolve(undefined)
  await vi.waitFor(
    async () => expect(await inbox.counts()).toEqual({ ...emptyCounts, dead: 1, scheduled: 1 }),
    patience,
  )
  expect(other.turns).toEqual([])
  expect(late.lines).toEqual([])
})

test('renewal of a lease that ran out brings the event back from the line', async () => {
  const gate = deferred<undefined>()
  const inbox = bench.open({ leaseMs: 900 })
  await inbox.put(sampleEvent(), remember)
  const holding = consume(inbox, () => gate.promise)
  await vi.waitFor(() => expect(holding.turns).toHaveLength(1), patience)
  await bench.lapseLeases()
  const other = consume(bench.open(), undefined, { types: ['another'], others: 'park' })
  await vi.waitFor(() => expect(other.reports).toHaveLength(1), patience)
  await vi.waitFor(async () => expect(await inbox.counts()).toEqual({ ...emptyCounts, active: 1 }), patience)
  gate.resolve(undefined)
  await vi.waitFor(async () => expect(await inbox.counts()).toEqual(emptyCounts), patience)
  expect(holding.turns).toHaveLength(1)
})

test('what a process that died has held is taken when its lease ends, and not first when another one polls', async () => {
  const gate = deferred<undefined>()
  const dying = bench.open({ leaseMs: 1_000_000 })
  await dying.put(sampleEvent(), remember)
  const holding = consume(dying, () => gate.promise)
  await vi.waitFor(() => expect(holding.turns).toHaveLength(1), patience)
  void holding.consumer.stop()
  const leases = `${bench.prefix}:webhooks-sematryx:leases`
  const [jobId = ''] = await bench.redis.zrange(leases, 0, '0')
  await bench.redis.zadd(leases, 'XX', Date.now() + 1_000, jobId)
  const heir = consume(bench.open())
  const taken = await vi.waitUntil(() => heir.turns.length > 0, { timeout: 4_500 }).catch(() => false) // it polls every 5 s
  gate.resolve(undefined)
  expect(taken).toBe(true)
})

const none = { completed: [], abandoned: [] }
const verdicts: Record<string, Verdict> = {
  done: { outcome: 'done', progress: none },
  handled: { outcome: 'done', progress: none, keepMs: 60_000 },
  retry: { outcome: 'retry', delayMs: 0, progress: none, failures: [], attemptUsed: true },
  dead: { outcome: 'dead', progress: none, failures: [sampleFailure] },
  park: { outcome: 'park', progress: none },
  replace: { outcome: 'replace', event: sampleEvent(), ...remember },
}

test.each(Object.entries(verdicts))(
  'the verdict %s under a token that is no longer the current one changes nothing, and says so once',
  async (_, verdict) => {
    const gate = deferred<undefined>()
    const frozen = bench.open({ leaseMs: 1_000_000 })
    const event = sampleEvent()
    await frozen.put(event, remember)
    const late = consume(frozen, async () => {
      await gate.promise
      return verdict
    })
    await vi.waitFor(() => expect(late.turns).toHaveLength(1), patience)
    await bench.lapseLeases()
    const other = bench.open({ leaseMs: 1_000_000 })
    const held = deferred<undefined>()
    const heir = consume(other, () => held.promise)
    await vi.waitFor(() => expect(heir.turns).toHaveLength(1), patience)
    gate.resolve(undefined)
    await vi.waitFor(() => expect(late.lines).toHaveLength(1), patience)
    expect(late.lines[0]?.message).toContain('void')
    expect(await other.get(event.key)).toMatchObject({ state: 'active' })
    held.resolve(undefined)
    await vi.waitFor(async () => expect(await other.counts()).toEqual(emptyCounts), patience)
  },
)

test('a verdict that can not be stored fails alone: seven neighbours told in the same call are concluded', async () => {
  const inbox = bench.open()
  const gate = deferred<undefined>()
  const bad = sampleEvent({ id: 'bad' })
  await inbox.put(bad, remember)
  for (let count = 0; count < 7; count++) await inbox.put(sampleEvent(), remember)
  const consuming = consume(
    inbox,
    async ({ event, progress }) => {
      await gate.promise
      if (event.id !== 'bad') return undefined
      return { outcome: 'dead', progress, failures: [{ ...sampleFailure, message: 10n as never }] }
    },
    { concurrency: 8 },
  )
  await vi.waitFor(() => expect(consuming.turns).toHaveLength(8), patience)
  gate.resolve(undefined)
  await vi.waitFor(async () => expect(await inbox.counts()).toEqual({ ...emptyCounts, active: 1 }), patience)
  await vi.waitFor(() => expect(consuming.lines).not.toHaveLength(0), patience) // told after its neighbours are
  expect(new Set(consuming.lines.map(({ message }) => message)).size).toBe(1)
})

test('a step that Redis refuses fails alone, and is told again until it is heard', async () => {
  const inbox = bench.open()
  const gate = deferred<undefined>()
  await inbox.put(sampleEvent({ id: 'parked' }), remember)
  for (let count = 0; count < 3; count++) await inbox.put(sampleEvent(), remember)
  const consuming = consume(
    inbox,
    async ({ event, progress }) => {
      await gate.promise
      return event.id === 'parked' ? { outcome: 'park', progress } : undefined
    },
    { types: ['optimization.completed'] },
  )
  await vi.waitFor(() => expect(consuming.turns).toHaveLength(4), patience)
  const shelf = `${bench.prefix}:webhooks-sematryx:parked:optimization.completed`
  await bench.redis.set(shelf, 'not a set')
  gate.resolve(undefined)
  await vi.waitFor(() => expect(consuming.lines).toHaveLength(1), patience)
  expect(consuming.lines[0]?.details).toMatchObject({
    err: { message: expect.stringContaining('WRONGTYPE') },
  })
  await bench.redis.del(shelf)
})
