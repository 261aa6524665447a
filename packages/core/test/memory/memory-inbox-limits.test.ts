import { type EventRecord, type Inbox, InboxFullError, memoryInbox } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { consumeRecorded, dead, done, retryIn } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'

const rememberMs = 60_000
const leaseMs = 30_000

function inboxOnManualClock(limits: { maxIds?: number; maxBytes?: number }) {
  const clock = manualClock()
  return { clock, inbox: memoryInbox({ clock, ...limits }) }
}

async function handle(inbox: Inbox, event: EventRecord): Promise<void> {
  await inbox.put(event, { rememberMs })
  const { consumer } = consumeRecorded(inbox)
  await consumer.idle()
  await consumer.stop()
}

test('the id beyond maxIds is refused, and none is forgotten for it', async () => {
  const { inbox } = inboxOnManualClock({ maxIds: 2 })
  await handle(inbox, eventRecord({ id: 'one' }))
  await handle(inbox, eventRecord({ id: 'two' }))
  const third = eventRecord({ id: 'three' })
  await expect(async () => inbox.put(third, { rememberMs })).rejects.toThrow(InboxFullError)
  await expect(async () => inbox.claim(third, { rememberMs, leaseMs })).rejects.toThrow(InboxFullError)
  expect(await inbox.put(eventRecord({ id: 'one' }), { rememberMs })).toMatchObject({
    outcome: 'duplicate',
  })
  expect(await inbox.put(eventRecord({ id: 'two' }), { rememberMs })).toMatchObject({
    outcome: 'duplicate',
  })
})

test('claims count towards maxIds', async () => {
  const { inbox } = inboxOnManualClock({ maxIds: 1 })
  await inbox.claim(eventRecord({ id: 'one' }), { rememberMs, leaseMs })
  const put = async () => inbox.put(eventRecord({ id: 'two' }), { rememberMs })
  await expect(put).rejects.toThrow(InboxFullError)
})

test('an event that is claimed already needs no room of its own to be put', async () => {
  const { inbox } = inboxOnManualClock({ maxIds: 1 })
  await inbox.claim(eventRecord(), { rememberMs, leaseMs })
  expect(await inbox.put(eventRecord(), { rememberMs })).toEqual({ outcome: 'accepted' })
})

test('an event that is refused leaves the claim on it as it was, with its progress', async () => {
  const { inbox } = inboxOnManualClock({ maxBytes: 10 })
  const event = eventRecord({ id: 'claimed', rawBody: Buffer.alloc(5) })
  const big = eventRecord({ id: 'big', rawBody: Buffer.alloc(10) })
  const put = async () => inbox.put(event, { rememberMs })
  const first = await inbox.claim(event, { rememberMs, leaseMs })
  await inbox.put(big, { rememberMs })
  if (first.outcome !== 'claimed') return expect.unreachable()
  await expect(put).rejects.toThrow(InboxFullError)
  const progress = { completed: ['first'], abandoned: [] }
  expect(await inbox.release(first.lease, progress, true)).toBe(true)
  await expect(put).rejects.toThrow(InboxFullError)
  await expect(async () => inbox.claim(event, { rememberMs, leaseMs })).rejects.toThrow(InboxFullError)
  await inbox.discard(big.key)
  expect(await inbox.claim(event, { rememberMs, leaseMs })).toMatchObject({
    lease: { attempt: 2, progress },
  })
})

test('forgotten ids make room', async () => {
  const { inbox, clock } = inboxOnManualClock({ maxIds: 1 })
  await handle(inbox, eventRecord({ id: 'one' }))
  await clock.advance(rememberMs)
  expect(await inbox.put(eventRecord({ id: 'two' }), { rememberMs })).toEqual({ outcome: 'accepted' })
})

test('an id that is remembered for long holds up no forgotten ids of another receiver', async () => {
  const { clock, inbox } = inboxOnManualClock({ maxIds: 3 })
  await inbox.put(eventRecord({ source: 'yearly', id: 'long' }), { rememberMs: 1_000 * rememberMs })
  for (const id of ['one', 'two', 'three', 'four']) {
    await handle(inbox, eventRecord({ id }))
    await clock.advance(rememberMs)
  }
  expect(await inbox.put(eventRecord({ source: 'yearly', id: 'long' }), { rememberMs })).toMatchObject({
    outcome: 'duplicate',
  })
})

test('bodies up to maxBytes are kept, and the byte beyond is refused', async () => {
  const { inbox } = inboxOnManualClock({ maxBytes: 10 })
  await inbox.put(eventRecord({ id: 'six', rawBody: Buffer.alloc(6) }), { rememberMs })
  const five = eventRecord({ id: 'five', rawBody: Buffer.alloc(5) })
  await expect(async () => inbox.put(five, { rememberMs })).rejects.toThrow(InboxFullError)
  const four = eventRecord({ id: 'four', rawBody: Buffer.alloc(4) })
  expect(await inbox.put(four, { rememberMs })).toEqual({ outcome: 'accepted' })
})

test('a refused event was not remembered: it is accepted once there is room', async () => {
  const { inbox } = inboxOnManualClock({ maxBytes: 10 })
  const big = eventRecord({ id: 'big', rawBody: Buffer.alloc(10) })
  const next = eventRecord({ id: 'next', rawBody: Buffer.alloc(10) })
  await inbox.put(big, { rememberMs })
  await expect(async () => inbox.put(next, { rememberMs })).rejects.toThrow(InboxFullError)
  await consumeRecorded(inbox).consumer.idle()
  expect(await inbox.put(next, { rememberMs })).toEqual({ outcome: 'accepted' })
})

test('dead letters count towards maxBytes until they are discarded', async () => {
  const { inbox } = inboxOnManualClock({ maxBytes: 10 })
  const buried = eventRecord({ id: 'dead', rawBody: Buffer.alloc(10) })
  await inbox.put(buried, { rememberMs })
  await consumeRecorded(inbox, async () => dead).consumer.idle()
  const next = eventRecord({ id: 'next', rawBody: Buffer.alloc(1) })
  await expect(async () => inbox.put(next, { rememberMs })).rejects.toThrow(InboxFullError)
  await inbox.discard(buried.key)
  expect(await inbox.put(next, { rememberMs })).toEqual({ outcome: 'accepted' })
})

test('a misspelt option is an error that says which was meant', () => {
  const misspelt = { maxBody: 10 } as object
  expect(() => memoryInbox(misspelt)).toThrow('unknown option memoryInbox.maxBody')
  expect(() => memoryInbox({ maxByts: 10 } as object)).toThrow('did you mean memoryInbox.maxBytes?')
})

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('%s is no limit', (limit) => {
  expect(() => memoryInbox({ maxIds: limit })).toThrow(/maxIds is .*whole number/)
  expect(() => memoryInbox({ maxBytes: limit })).toThrow(/maxBytes is .*whole number/)
})

test('the body of a handled event is freed', async () => {
  const { inbox } = inboxOnManualClock({ maxBytes: 1_000_000 })
  const { attempts, consumer } = consumeRecorded(inbox)
  for (let id = 0; id < 20; id++) {
    const event = eventRecord({ id: String(id), rawBody: Buffer.alloc(1_000_000) })
    expect(await inbox.put(event, { rememberMs })).toEqual({ outcome: 'accepted' })
    await consumer.idle()
  }
  expect(attempts).toHaveLength(20)
})

test('what is parked causes no refusal: it counts into neither maxBytes nor maxIds', async () => {
  const { inbox } = inboxOnManualClock({ maxBytes: 10, maxIds: 2 })
  const wanted = { types: [] as string[], others: 'park' } as const
  const { consumer } = consumeRecorded(inbox, async () => done, { wanted: () => wanted })
  const put = async (id: string) => inbox.put(eventRecord({ id, rawBody: Buffer.alloc(5) }), { rememberMs })
  for (const id of ['one', 'two', 'three', 'four', 'five']) {
    expect(await put(id)).toEqual({ outcome: 'accepted' })
    await consumer.idle()
  }
  expect(await inbox.counts()).toMatchObject({ parked: 5 })
  await consumer.stop()
  expect([await put('six'), await put('seven')]).toEqual([{ outcome: 'accepted' }, { outcome: 'accepted' }])
  await expect(put('eight')).rejects.toThrow(InboxFullError)
  for (const id of ['one', 'two']) await inbox.discard(`acme:${id}`)
  await expect(put('eight')).rejects.toThrow(InboxFullError)
})

test('an event that was claimed before needs no room to be claimed again', async () => {
  const { inbox } = inboxOnManualClock({ maxIds: 1 })
  const event = eventRecord()
  const first = await inbox.claim(event, { rememberMs, leaseMs })
  if (first.outcome !== 'claimed') return expect.unreachable()
  expect(await inbox.claim(event, { rememberMs, leaseMs })).toMatchObject({ outcome: 'in_progress' })
  await inbox.release(first.lease, first.lease.progress, true)
  expect(await inbox.claim(event, { rememberMs, leaseMs })).toMatchObject({ outcome: 'claimed' })
})

test('claims that nobody came back for make room', async () => {
  const { inbox, clock } = inboxOnManualClock({ maxIds: 1 })
  await inbox.claim(eventRecord({ id: 'one' }), { rememberMs, leaseMs })
  await clock.advance(rememberMs)
  expect(await inbox.put(eventRecord({ id: 'two' }), { rememberMs })).toEqual({ outcome: 'accepted' })
})

test('events that are kept for a replay make room, no more of them than needed, the oldest first', async () => {
  const { inbox } = inboxOnManualClock({ maxBytes: 10 })
  const five = (id: string) => eventRecord({ id, rawBody: Buffer.alloc(5) })
  const { consumer } = consumeRecorded(inbox, async () => ({ ...done, keepMs: rememberMs }))
  for (const id of ['one', 'two', 'three']) {
    expect(await inbox.put(five(id), { rememberMs })).toEqual({ outcome: 'accepted' })
    await consumer.idle()
  }
  expect((await inbox.list()).items.map(({ id }) => id)).toEqual(['two', 'three'])
})

test('what was parked counts again into maxIds once it is discarded, and into maxBytes once it is wanted', async () => {
  const wanted = { types: [] as string[], others: 'park' } as const
  const parkAll = async (inbox: Inbox, ...ids: string[]) => {
    for (const id of ids) await inbox.put(eventRecord({ id, rawBody: Buffer.alloc(5) }), { rememberMs })
    const { consumer } = consumeRecorded(inbox, undefined, { wanted: () => wanted })
    await consumer.idle()
    await consumer.stop()
    expect(await inbox.counts()).toMatchObject({ parked: ids.length })
  }
  const third = eventRecord({ id: 'three', rawBody: Buffer.alloc(1) })
  const { inbox: ofIds } = inboxOnManualClock({ maxIds: 2 })
  await parkAll(ofIds, 'one', 'two')
  for (const id of ['one', 'two']) await ofIds.discard(`acme:${id}`)
  await expect(async () => ofIds.put(third, { rememberMs })).rejects.toThrow('2 ids')
  const { inbox: ofBytes } = inboxOnManualClock({ maxBytes: 10 })
  await parkAll(ofBytes, 'one', 'two')
  const { attempts, consumer } = consumeRecorded(ofBytes, async () => retryIn(1_000))
  await consumer.idle()
  expect(attempts).toHaveLength(2)
  await expect(async () => ofBytes.put(third, { rememberMs })).rejects.toThrow('10 bytes')
})

test('the refusal says how many bytes are kept, without those that are parked', async () => {
  const { inbox } = inboxOnManualClock({ maxBytes: 10 })
  const wanted = { types: [] as string[], others: 'park' } as const
  await inbox.put(eventRecord({ id: 'parked', rawBody: Buffer.alloc(3) }), { rememberMs })
  await consumeRecorded(inbox, undefined, { wanted: () => wanted }).consumer.stop()
  await inbox.put(eventRecord({ id: 'pending', rawBody: Buffer.alloc(8) }), { rememberMs })
  const next = eventRecord({ id: 'next', rawBody: Buffer.alloc(3) })
  await expect(async () => inbox.put(next, { rememberMs })).rejects.toThrow('keeps 8 bytes')
})

test.each([0, -1, Number.NaN])('dead letters can not be kept for %s milliseconds', (keepDeadFor) => {
  expect(() => memoryInbox({ keepDeadFor })).toThrow(/keepDeadFor is .*whole number/)
})
