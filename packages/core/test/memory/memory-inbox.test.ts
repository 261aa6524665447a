import { type Inbox, type Lease, memoryInbox, type Verdict } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { consumeRecorded, dead, done, retryIn } from '@hookport/testkit/inbox/attempts'
import { eventRecord, eventRecords } from '@hookport/testkit/inbox/event-records'
import { describe, expect, test } from 'vitest'

/** What the suite of all inboxes, which `packages/conformance/test` runs on this one too, does not look at. */

const rememberMs = 60_000
const leaseMs = 30_000
const event = eventRecord()
const failure = { handler: 'first', code: 'error', message: 'broken', at: 5 }

function inboxOnManualClock() {
  const clock = manualClock()
  return { clock, inbox: memoryInbox({ clock }) }
}

async function claimed(inbox: Inbox): Promise<Lease> {
  const result = await inbox.claim(event, { rememberMs, leaseMs })
  if (result.outcome !== 'claimed') throw new Error(`the claim was answered ${result.outcome}`)
  return result.lease
}

describe('put', () => {
  test('each id is remembered for its own time, whatever was put before it', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const [long, short] = [eventRecord({ id: 'long' }), eventRecord({ id: 'short' })]
    const { consumer } = consumeRecorded(inbox)
    await inbox.put(long, { rememberMs: 10_000 })
    await inbox.put(short, { rememberMs: 1_000 })
    await consumer.idle()
    await clock.advance(1_000)
    expect(await inbox.put(short, { rememberMs })).toEqual({ outcome: 'accepted' })
    expect(await inbox.put(long, { rememberMs })).toMatchObject({ outcome: 'duplicate' })
  })

  test('progress that a released claim kept is not repeated by the consumer', async () => {
    const { inbox } = inboxOnManualClock()
    await inbox.release(await claimed(inbox), { completed: ['first'], abandoned: [] }, true)
    await inbox.put(event, { rememberMs })
    const { attempts, consumer } = consumeRecorded(inbox)
    await consumer.idle()
    expect(attempts.map(({ progress }) => progress.completed)).toEqual([['first']])
  })
})

describe('where nothing else is said', () => {
  test('256 MiB of bodies are kept, and not a byte more', async () => {
    const { inbox } = inboxOnManualClock()
    const large = eventRecord({ id: 'large', rawBody: new Uint8Array(256 * 1024 * 1024 - 1) })
    expect(await inbox.put(large, { rememberMs })).toEqual({ outcome: 'accepted' })
    const put = async (id: string, bytes: number) =>
      inbox.put(eventRecord({ id, rawBody: new Uint8Array(bytes) }), { rememberMs })
    expect(await put('last', 1)).toEqual({ outcome: 'accepted' })
    await expect(put('more', 1)).rejects.toThrow('its maxBytes is 268435456')
  })

  test('dead letters are kept for ever', async () => {
    const { inbox, clock } = inboxOnManualClock()
    await inbox.put(event, { rememberMs, failure })
    await clock.advance(20 * 365 * 24 * 3600_000)
    expect(await inbox.get(event.key)).toMatchObject({ state: 'dead' })
  })
})

describe('claim', () => {
  test('who comes in between is told to the millisecond how long the lease runs', async () => {
    const { inbox, clock } = inboxOnManualClock()
    await claimed(inbox)
    await clock.advance(leaseMs - 1)
    const early = await inbox.claim(event, { rememberMs, leaseMs })
    expect(early).toEqual({ outcome: 'in_progress', retryAfterMs: 1 })
  })

  test('the id of a confirmed event is remembered from the confirmation on, not from the claim', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const lease = await claimed(inbox)
    await clock.advance(10_000)
    await inbox.confirm(lease, event, { rememberMs })
    await clock.advance(rememberMs - 1)
    expect(await inbox.put(event, { rememberMs })).toMatchObject({ outcome: 'duplicate' })
  })

  test('attempts add up over several releases', async () => {
    const { inbox } = inboxOnManualClock()
    for (const used of [true, false, true]) {
      await inbox.release(await claimed(inbox), { completed: [], abandoned: [] }, used)
    }
    expect((await claimed(inbox)).attempt).toBe(3)
  })
})

describe('consume', () => {
  test('an event is not handed out before the call that put it has returned', async () => {
    const { inbox } = inboxOnManualClock()
    const { attempts, consumer } = consumeRecorded(inbox)
    const put = inbox.put(event, { rememberMs })
    expect(attempts).toEqual([])
    await put
    await consumer.idle()
    expect(attempts).toHaveLength(1)
  })

  test('the next event is taken up as soon as one is handled', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const gates = Array.from({ length: 10 }, () => deferred())
    const { attempts, consumer } = consumeRecorded(
      inbox,
      async ({ event }) => {
        await gates[Number(event.id)]?.promise
        return done
      },
      { concurrency: 3 },
    )
    for (let id = 0; id < 10; id++) await inbox.put(eventRecord({ id: String(id) }), { rememberMs })
    for (let finished = 0; finished < 10; finished++) {
      await clock.advance(0)
      expect(attempts).toHaveLength(Math.min(10, finished + 3))
      gates[finished]?.resolve()
    }
    await consumer.idle()
  })

  test('a retry comes at its time to the millisecond', async () => {
    const { inbox, clock } = inboxOnManualClock()
    const verdicts: Verdict[] = [retryIn(5_000), done]
    const { attempts, consumer } = consumeRecorded(inbox, async () => verdicts.shift() ?? done)
    await inbox.put(event, { rememberMs })
    await consumer.idle()
    expect(await inbox.get(event.key)).toMatchObject({ state: 'scheduled', dueAt: 5_000 })
    await clock.advance(4_999)
    expect(attempts).toHaveLength(1)
    await clock.advance(1)
    await consumer.idle()
    expect(attempts).toHaveLength(2)
  })

  test('idle does not wait for what is left to other consumers after a stop', async () => {
    const { inbox } = inboxOnManualClock()
    const { consumer } = consumeRecorded(inbox)
    await consumer.stop()
    await inbox.put(event, { rememberMs })
    await expect(consumer.idle()).resolves.toBeUndefined()
  })

  test('what is due is finished first, as memory would lose it', async () => {
    const { inbox } = inboxOnManualClock()
    const { attempts, consumer } = consumeRecorded(inbox, undefined, { concurrency: 1 })
    for (const due of eventRecords(5)) await inbox.put(due, { rememberMs })
    await consumer.stop()
    expect(attempts).toHaveLength(5)
  })

  test.each([1, 16])(
    'lets others go first now and then, though no handler waits for anything (%d at once)',
    async (concurrency) => {
      const { inbox } = inboxOnManualClock()
      for (const due of eventRecords(2_000)) await inbox.put(due, { rememberMs })
      const { attempts, consumer } = consumeRecorded(inbox, undefined, { concurrency })
      const handledBefore = new Promise((resolve) => setImmediate(() => resolve(attempts.length)))
      expect(await handledBefore).toBeLessThan(1_000)
      await consumer.idle()
      expect(attempts).toHaveLength(2_000)
    },
  )
})

test('a redriven event has no failures', async () => {
  const { inbox } = inboxOnManualClock()
  const { consumer } = consumeRecorded(inbox, async () => ({ ...dead, failures: [failure] }))
  await inbox.put(event, { rememberMs })
  await consumer.stop()
  await inbox.redrive(event.key)
  expect(await inbox.get(event.key)).toMatchObject({ state: 'pending', failures: [] })
})

test('a full page that is the last has no cursor', async () => {
  const { inbox } = inboxOnManualClock()
  for (const kept of eventRecords(3)) await inbox.put(kept, { rememberMs })
  expect(await inbox.list({ limit: 3 })).not.toHaveProperty('cursor')
})

test.each(['x3', '3x', ' 3', '3\n'])('%j is no cursor that a page gave', async (cursor) => {
  const { inbox } = inboxOnManualClock()
  await expect(async () => inbox.list({ cursor })).rejects.toThrow(/cursor/)
})

test.each<['close' | 'discard', (inbox: Inbox) => unknown]>([
  ['close', (inbox) => inbox.close()],
  ['discard', (inbox) => inbox.discard(event.key)],
])('%s leaves no timer of a retry behind', async (_, end) => {
  const { inbox, clock } = inboxOnManualClock()
  const { consumer } = consumeRecorded(inbox, async () => retryIn(1_000))
  await inbox.put(event, { rememberMs })
  await consumer.idle()
  expect(clock.pendingTimers).toBe(1)
  await end(inbox)
  expect(clock.pendingTimers).toBe(0)
})
