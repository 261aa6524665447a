import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type EventRecord, InboxClosedError, type Lease, noProgress } from '@hookport/core'
import { deferred } from '@hookport/testkit/deferred'
import { expect, test } from 'vitest'
import type { BullmqInbox } from '../src/index.ts'
import { useBench } from './support/bench.ts'
import { consume } from './support/consuming.ts'
import { remember, sampleEvent } from './support/sample-event.ts'

const bench = useBench()

test('a closed inbox leaves no connection behind: of puts, consumers, and queues', async () => {
  const before = await connections()
  const inbox = bench.open()
  const consuming = consume(inbox)
  await inbox.put(sampleEvent(), remember)
  await consuming.consumer.idle()
  await inbox.queue('sematryx').getJobCounts()
  expect(await connections()).toBe(before + 3)
  await inbox.close()
  await expect.poll(connections).toBe(before)
})

test('an inbox is closed once the puts that it has sent are written', async () => {
  const inbox = bench.open()
  await inbox.put(sampleEvent(), remember) // it is connected
  await bench.redis.client('PAUSE', 100)
  let isWritten = false
  const writing = (async () => {
    await inbox.put(sampleEvent(), remember)
    isWritten = true
  })()
  await setImmediate() // it is sent
  await inbox.close()
  await setImmediate()
  expect(isWritten).toBe(true)
  await writing
})

test('the queue of a source is one for all that ask, and closed with the inbox', async () => {
  const inbox = bench.open()
  const queue = inbox.queue('sematryx')
  expect(inbox.queue('sematryx')).toBe(queue)
  expect(inbox.queue('other')).not.toBe(queue)
  expect(queue.closing).toBeUndefined()
  await inbox.close()
  expect(queue.closing).toBeDefined()
})

test('a second close is the first one', () => {
  const inbox = bench.open()
  expect(inbox.close()).toBe(inbox.close())
})

const event: EventRecord = sampleEvent()
const lease: Lease = { key: event.key, token: 'x', attempt: 1, progress: noProgress }
const burial = { ...remember, progress: noProgress, failures: [] }
const calls: Record<string, (inbox: BullmqInbox) => unknown> = {
  put: (inbox) => inbox.put(event, remember),
  claim: (inbox) => inbox.claim(event, { ...remember, leaseMs: 1_000 }),
  renew: (inbox) => inbox.renew(lease, 1_000),
  confirm: (inbox) => inbox.confirm(lease, event, remember),
  release: (inbox) => inbox.release(lease, noProgress, false),
  bury: (inbox) => inbox.bury(lease, event, burial),
  park: (inbox) => inbox.park(lease, event, burial),
  consume: (inbox) => consume(inbox),
  knows: (inbox) => inbox.knows?.([event.key]),
  counts: (inbox) => inbox.counts(),
  list: (inbox) => inbox.list(),
  get: (inbox) => inbox.get(event.key),
  redrive: (inbox) => inbox.redrive(event.key),
  replay: (inbox) => inbox.replay(event.key, { id: 'x' }),
  discard: (inbox) => inbox.discard(event.key),
  queue: (inbox) => inbox.queue('sematryx'),
  findRisks: (inbox) => inbox.findRisks?.(),
  notes: (inbox) => inbox.notes?.read('x'),
  lead: (inbox) => inbox.notes?.lead('work', 'x', 1_000),
}

test.each(Object.entries(calls))('%s says that the inbox was closed', async (_, ask) => {
  const inbox = bench.open()
  await inbox.close()
  await expect((async () => ask(inbox))()).rejects.toThrow(InboxClosedError)
})

/** The class of the error. Undefined where it is answered. */
async function refused(ask: () => unknown): Promise<unknown> {
  try {
    await ask()
    return undefined
  } catch (error) {
    return (error as Error).constructor
  }
}

test('while close() waits for a handler, everything else says that the inbox was closed: no lead is taken by who is about to end', async () => {
  const inbox = bench.open()
  const handled = deferred()
  const { turns } = consume(inbox, () => handled.promise.then(() => undefined))
  await inbox.put(sampleEvent(), remember)
  await expect.poll(() => turns.length).toBe(1)
  const closing = inbox.close()
  const outcomes = Object.entries(calls).map(async ([name, ask]) => [name, await refused(() => ask(inbox))])
  const told = await Promise.all(outcomes)
  handled.resolve()
  await closing
  expect(told).toEqual(Object.keys(calls).map((name) => [name, InboxClosedError]))
})

test.each(['connected', 'not connected yet'])(
  'what is asked in the turn in which an inbox is closed is done, or says that it was closed: one that is %s',
  async (state) => {
    const inbox = bench.open()
    if (state === 'connected') await inbox.put(sampleEvent(), remember)
    const asked = [inbox.put(event, remember), inbox.confirm(lease, event, remember), inbox.counts()]
    const closing = inbox.close()
    for (const outcome of await Promise.allSettled(asked))
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(InboxClosedError)
    await closing
  },
)

test('consumers that have stopped are not kept in memory, as each drain begins one', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const inbox = bench.open()
  const begun: WeakRef<object>[] = []
  for (let count = 0; count < 10; count++) {
    const { consumer } = consume(inbox)
    begun.push(new WeakRef(consumer))
    await consumer.stop()
  }
  await expect
    .poll(() => {
      collect()
      return begun.filter((each) => each.deref()).length
    })
    .toBeLessThan(3)
  await inbox.close()
})

async function connections(): Promise<number> {
  const list = (await bench.redis.client('LIST')) as string
  return list.trim().split('\n').length
}
