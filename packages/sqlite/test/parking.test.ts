import { type ConsumeOptions, noProgress, type ParkingReport, type Wanted } from '@hookport/core'
import { consumeRecorded, done, retryIn } from '@hookport/testkit/inbox/attempts'
import { eventRecord, eventRecords } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'
import { machine } from './support/machine.ts'
import { counts, rememberMs, rowsOf, temporaryFile, testInbox, watchFile } from './support/test-inbox.ts'

const day = 86_400_000

/** A consumer that has handlers for some types only. */
function wanting(
  types: Wanted['types'],
  others: Wanted['others'] = 'park',
  more: Partial<ConsumeOptions> = {},
) {
  const reports: ParkingReport[] = []
  const options: Partial<ConsumeOptions> = {
    wanted: () => ({ types, others }),
    report: (happening) => reports.push(happening),
    ...more,
  }
  return { options, reports, outcomes: () => reports.map(({ event, outcome }) => `${outcome} ${event.id}`) }
}

test('an event of a type that nobody handles is parked, and handled as soon as any process has a handler for it', async () => {
  const path = temporaryFile()
  const { time, process } = machine()
  const old = testInbox({ path, clock: process() })
  const { options, outcomes } = wanting(['order.paid'])
  const oldConsumer = consumeRecorded(old, async () => done, options)
  await old.put(eventRecord({ id: 'paid' }), { rememberMs })
  await old.put(eventRecord({ id: 'new', type: 'order.packed', tenant: 'a\0b' }), { rememberMs })
  await oldConsumer.consumer.idle()
  expect(oldConsumer.ids()).toEqual(['paid'])
  expect(outcomes()).toEqual(['parked new'])
  expect(await old.counts()).toEqual(counts({ parked: 1 }))
  expect(await old.get('acme:new')).toMatchObject({ state: 'parked', tenant: 'a\0b', attempt: 1 })

  const newConsumer = consumeRecorded(testInbox({ path, clock: process() }), async () => done, {
    ...wanting(['order.paid', 'order.packed']).options,
  })
  await newConsumer.consumer.idle()
  expect(newConsumer.attempts).toMatchObject([
    { event: { id: 'new' }, attempt: 1, interruptions: 0, wasInterrupted: false },
  ])
  await old.put(eventRecord({ id: 'later', type: 'order.packed' }), { rememberMs })
  await time.advance(1_000)
  expect(newConsumer.ids()).toEqual(['new', 'later'])
  expect(await old.counts()).toEqual(counts({}))
  expect(rowsOf(watchFile(path), 'bodies')).toBe(0)
})

test('other types are dropped, or handed out, where the receiver says so', async () => {
  const inbox = testInbox()
  const dropping = wanting(['order.paid'], 'drop', { source: 'dropping' })
  const handing = wanting(['order.paid'], 'hand-out', { source: 'handing' })
  for (const source of ['dropping', 'handing'])
    await inbox.put(eventRecord({ id: 'other', type: 'x', source, rawBody: Buffer.alloc(5_000) }), {
      rememberMs,
    })
  const dropped = consumeRecorded(inbox, async () => done, dropping.options)
  const handed = consumeRecorded(
    inbox,
    async () => ({ outcome: 'park', progress: noProgress }),
    handing.options,
  )
  await dropped.consumer.idle()
  await handed.consumer.idle()
  expect([dropped.ids(), dropping.outcomes()]).toEqual([[], ['dropped other']])
  expect([handed.ids(), handing.outcomes()]).toEqual([['other'], []])
  expect(await inbox.counts()).toEqual(counts({ parked: 1 }))
  expect(await inbox.put(eventRecord({ id: 'other', source: 'dropping' }), { rememberMs })).toMatchObject({
    outcome: 'duplicate',
  })
})

test('what is parked is not handed out again to a consumer that handed it out among the others', async () => {
  const inbox = testInbox()
  await inbox.put(eventRecord({ type: 'x' }), { rememberMs })
  const progress = { completed: ['onAnyEvent#0'], abandoned: [] }
  const { options } = wanting(['order.paid'], 'hand-out')
  const handed = consumeRecorded(inbox, async () => ({ outcome: 'park', progress }), options)
  await handed.consumer.idle()
  await handed.consumer.idle()
  expect(handed.attempts).toHaveLength(1)
  await handed.consumer.stop()
  const knowing = consumeRecorded(inbox)
  await knowing.consumer.idle()
  expect(knowing.attempts).toMatchObject([{ progress }])
})

test('a handler that is registered late is handed what was parked before, without being restarted', async () => {
  const inbox = testInbox()
  const types = ['order.paid']
  const { ids, consumer } = consumeRecorded(inbox, async () => done, wanting(types).options)
  await Promise.all(
    eventRecords(20).map((event) => inbox.put({ ...event, type: 'order.packed' }, { rememberMs })),
  )
  await consumer.idle()
  expect(ids()).toEqual([])
  types.push('order.packed')
  consumer.wake()
  await consumer.idle()
  expect(ids()).toHaveLength(20)
})

test('what is parked too long is dropped, and so is what is too much: the oldest first', async () => {
  const { time, process } = machine()
  const inbox = testInbox({ clock: process(), pollMs: day })
  const parking = { keepMs: 30 * day, maxBytes: 10_000 }
  const { options, outcomes } = wanting(['order.paid'], 'park', { parking })
  const { consumer } = consumeRecorded(inbox, async () => done, options)
  const park = async (id: string, bytes: number) => {
    await inbox.put(eventRecord({ id, type: 'x', rawBody: Buffer.alloc(bytes) }), { rememberMs })
    await consumer.idle()
  }
  await park('first', 4_000)
  await time.advance(day)
  await park('second', 1_000)
  await park('third', 5_000)
  expect(outcomes()).toEqual(['parked first', 'parked second', 'parked third'])
  await park('fourth', 100)
  await consumer.idle()
  expect(outcomes().slice(3)).toEqual(['parked fourth', 'expired first'])
  await time.advance(30 * day)
  await consumer.idle()
  expect(outcomes().slice(5).sort()).toEqual(['expired fourth', 'expired second', 'expired third'])
  expect(await inbox.counts()).toEqual(counts({}))
})

test('discarding, taking and dropping keep the count of what is parked right', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  const { consumer } = consumeRecorded(inbox, async () => done, wanting(['order.paid']).options)
  const events = [100, 3_000, 200, 4_000].map((bytes, index) =>
    eventRecord({ id: String(index), type: 'x', rawBody: Buffer.alloc(bytes) }),
  )
  await Promise.all(events.map((event) => inbox.put(event, { rememberMs })))
  await consumer.idle()
  await consumer.stop()
  const total = () => ({ ...watchFile(path).prepare('SELECT events, bytes FROM parked').get() })
  expect(total()).toEqual({ events: 4, bytes: 7_300 })
  await inbox.discard('acme:1')
  expect(total()).toEqual({ events: 3, bytes: 4_300 })
  const takeThenPark = consumeRecorded(
    inbox,
    async ({ event }) => (event.id === '3' ? { outcome: 'park', progress: noProgress } : retryIn(60_000)),
    wanting(['x'], 'park', { concurrency: 3 }).options,
  )
  await expect.poll(() => takeThenPark.attempts.length).toBeGreaterThan(2)
  await takeThenPark.consumer.stop()
  expect(total()).toEqual({ events: 1, bytes: 4_000 })
})

test('an event that was claimed and has no handler is parked under its lease', async () => {
  const inbox = testInbox()
  const event = eventRecord({ type: 'x' })
  const claim = await inbox.claim(event, { rememberMs, leaseMs: 10_000 })
  if (claim.outcome !== 'claimed') expect.unreachable()
  const burial = { progress: { completed: ['onAnyEvent#0'], abandoned: [] }, failures: [], rememberMs }
  expect(await inbox.park(claim.lease, event, burial)).toBe(true)
  expect(await inbox.park(claim.lease, event, burial)).toBe(false)
  expect(await inbox.get(event.key)).toMatchObject({ state: 'parked', progress: burial.progress })
  expect(await inbox.claim(event, { rememberMs, leaseMs: 10_000 })).toMatchObject({ outcome: 'duplicate' })
  const { attempts, consumer } = consumeRecorded(inbox)
  await consumer.idle()
  expect(attempts).toMatchObject([{ progress: burial.progress }])
})

test('neither what is parked nor what is due starves the other', async () => {
  const inbox = testInbox()
  const parking = consumeRecorded(inbox, async () => done, wanting([]).options)
  await Promise.all(
    eventRecords(40, 'old').map((event) => inbox.put({ ...event, type: 'x' }, { rememberMs })),
  )
  await parking.consumer.idle()
  await parking.consumer.stop()
  await Promise.all(eventRecords(40, 'due').map((event) => inbox.put(event, { rememberMs })))
  const { ids, consumer } = consumeRecorded(inbox, async () => done, { concurrency: 1 })
  await consumer.idle()
  const firstHalf = ids().slice(0, 40)
  expect(firstHalf.filter((id) => id.startsWith('old')).length).toBe(20)
  expect(ids()).toHaveLength(80)
})

test('with 100,000 events parked of types that nobody wants, an event is taken as quickly as with none', {
  timeout: 60_000,
}, async () => {
  const paths = { empty: temporaryFile(), full: temporaryFile() }
  const inboxes = [paths.empty, paths.full].map((path) => testInbox({ path, synchronous: 'normal' }))
  watchFile(paths.full).exec(`
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
    INSERT INTO events (sequence, key, source, id, type, created_at, received_at, fingerprint, rest, rested_at, raw_body)
    SELECT i, 'acme:' || i, 'acme', i, 'type.' || (i % 40), 0, 0, 1, 'parked', 2e12, zeroblob(425) FROM n;
    INSERT INTO parked VALUES ('acme', 100000, 42500000)`)
  const types = Array.from({ length: 20 }, (_, index) => `wanted.${index}`)
  const consumers = inboxes.map(
    (inbox) => consumeRecorded(inbox, async () => done, wanting(types).options).consumer,
  )
  for (const consumer of consumers) await consumer.idle()

  const waits: [number[], number[]] = [[], []]
  for (let index = 0; index < 50; index++) {
    for (const [which, inbox] of inboxes.entries()) {
      const askedAt = performance.now()
      await inbox.put(eventRecord({ id: `new ${index}`, type: 'wanted.3' }), { rememberMs })
      await consumers[which]?.idle()
      waits[which]?.push(performance.now() - askedAt)
    }
  }
  const [withNone = 0, withMany = 0] = waits.map((some) => some.toSorted((one, other) => one - other)[5])
  expect(withMany).toBeLessThan(5 * withNone) // a walk over all of them takes twenty times as long
  expect(await inboxes[1]?.counts()).toEqual(counts({ parked: 100_000 }))
})
