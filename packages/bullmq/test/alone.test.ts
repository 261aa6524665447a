import { deferred } from '@hookport/testkit/deferred'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { afterEach, expect, test, vi } from 'vitest'
import { useBench } from './support/bench.ts'
import { consume } from './support/consuming.ts'
import { remember, sampleEvent, sampleFailure } from './support/sample-event.ts'

const bench = useBench()
const patience = { timeout: 30_000 }
const letGo: (() => void)[] = []

afterEach(() => {
  for (const open of letGo.splice(0)) open()
})

/** A consumer whose process dies once it has taken as many events as told. Its leases last; the test lets them run out. */
async function takeAndDie(count: number, concurrency = 4): Promise<string[]> {
  const work = () => new Promise<undefined>((resolve) => letGo.push(() => resolve(undefined)))
  const dying = consume(bench.open({ leaseMs: 1_000_000 }), work, { concurrency })
  await vi.waitFor(() => expect(dying.turns).toHaveLength(count), patience)
  void dying.consumer.stop()
  await bench.lapseLeases()
  return dying.ids
}

test('an event whose turns were cut off twice is handed out alone, and its neighbours go on', async () => {
  const inbox = bench.open({ leaseMs: 1_000_000 })
  const poison = sampleEvent({ id: 'poison' })
  await inbox.put(poison, remember)
  await takeAndDie(1)
  await takeAndDie(1)
  const neighbours = Array.from({ length: 6 }, () => sampleEvent())
  for (const event of neighbours) await inbox.put(event, remember)
  expect(await inbox.counts()).toMatchObject({ pending: 6, active: 1 })

  let active = 0
  let besidePoison = 0
  const consuming = consume(inbox, async ({ event }) => {
    active += 1
    await new Promise((resolve) => setTimeout(resolve, 20))
    if (event.id === 'poison') besidePoison = active - 1
    active -= 1
    return undefined
  })
  await vi.waitFor(() => expect(consuming.turns).toHaveLength(7), patience)
  const turn = consuming.turns.find(({ event }) => event.id === 'poison')
  expect(turn).toMatchObject({ interruptions: 2, interruptedAlone: 0, wasInterrupted: true })
  expect(besidePoison).toBe(0)
})

test('events that wait for their turn alone are pending: counted, listed and found', async () => {
  const inbox = bench.open({ leaseMs: 1_000_000 })
  const events = [1, 2, 3].map(() => sampleEvent())
  for (const event of events) await inbox.put(event, remember)
  await takeAndDie(3)
  await takeAndDie(3)
  const gate = deferred<undefined>()
  const consuming = consume(inbox, () => gate.promise)
  await vi.waitFor(() => expect(consuming.turns).toHaveLength(1), patience)
  expect(await inbox.counts()).toEqual({ ...emptyCounts, active: 1, pending: 2 })
  const { items } = await inbox.list({ state: 'pending' })
  const waiting = events.map(({ key }) => key).filter((key) => key !== consuming.turns[0]?.event.key)
  expect(items.map(({ key }) => key).sort()).toEqual(waiting.sort())
  for (const key of waiting) expect(await inbox.get(key)).toMatchObject({ state: 'pending' })
  gate.resolve(undefined)
  await vi.waitFor(async () => expect(await inbox.counts()).toEqual(emptyCounts), patience)
})

test('an event that waits for its turn alone can be discarded, and is never handed out then', async () => {
  const inbox = bench.open({ leaseMs: 1_000_000 })
  const events = [1, 2].map(() => sampleEvent())
  for (const event of events) await inbox.put(event, remember)
  await takeAndDie(2)
  await takeAndDie(2)
  const gate = deferred<undefined>()
  letGo.push(() => gate.resolve(undefined))
  const consuming = consume(inbox, () => gate.promise)
  await vi.waitFor(() => expect(consuming.turns).toHaveLength(1), patience)
  const handed = consuming.turns[0]?.event.key
  const waiting = events.map(({ key }) => key).filter((key) => key !== handed)
  for (const key of waiting) {
    expect(await inbox.discard(key)).toBe(true)
    expect(await inbox.get(key)).toBeUndefined()
  }
  expect(await inbox.counts()).toEqual({ ...emptyCounts, active: 1 })
  gate.resolve(undefined)
  await vi.waitFor(async () => expect(await inbox.counts()).toEqual(emptyCounts), patience)
  await consuming.consumer.idle()
  expect(consuming.turns.map(({ event }) => event.key)).toEqual([handed])
})

test('interruptions while alone are counted apart, kept where no handler was run, and forgotten after a verdict', async () => {
  const inbox = bench.open({ leaseMs: 1_000_000 })
  await inbox.put(sampleEvent({ id: 'poison' }), remember)
  await takeAndDie(1)
  await takeAndDie(1)
  await takeAndDie(1)
  const seen: object[] = []
  const failures = [sampleFailure]
  const consuming = consume(
    inbox,
    async ({ interruptions, interruptedAlone, wasInterrupted, attempt, progress }) => {
      seen.push({ interruptions, interruptedAlone, wasInterrupted, attempt })
      const again = { outcome: 'retry', delayMs: 1, progress, failures } as const
      if (seen.length === 1) return { ...again, attemptUsed: false, keepInterruptions: true }
      return seen.length === 2 ? { ...again, attemptUsed: true } : undefined
    },
  )
  await vi.waitFor(() => expect(seen).toHaveLength(3), patience)
  await consuming.consumer.idle()
  expect(seen).toEqual([
    { interruptions: 3, interruptedAlone: 1, wasInterrupted: true, attempt: 1 },
    { interruptions: 3, interruptedAlone: 1, wasInterrupted: false, attempt: 1 },
    { interruptions: 0, interruptedAlone: 0, wasInterrupted: false, attempt: 2 },
  ])
  expect(await inbox.counts()).toMatchObject({ pending: 0, active: 0, scheduled: 0 })
})

test('a suspect of a type that is not handled here is parked, and handed out alone where it is', async () => {
  const inbox = bench.open({ leaseMs: 1_000_000 })
  await inbox.put(sampleEvent({ type: 'new' }), remember)
  await takeAndDie(1)
  await takeAndDie(1)
  const old = consume(inbox, undefined, { types: ['old'] })
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ parked: 1 }), patience)
  await old.consumer.stop()
  const knowing = consume(inbox, undefined, { types: ['new'] })
  await vi.waitFor(() => expect(knowing.turns).toHaveLength(1), patience)
  expect(knowing.turns[0]).toMatchObject({ interruptions: 2 })
  await knowing.consumer.idle()
  expect(await bench.redis.keys(`${bench.prefix}:*`)).not.toContainEqual(
    expect.stringContaining('prioritized'),
  )
})
