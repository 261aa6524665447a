import { runInNewContext } from 'node:vm'
import type { EventRecord } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { sqliteInbox } from '@hookport/sqlite'
import { consumeRecorded, dead, done, retryIn } from '@hookport/testkit/inbox/attempts'
import { eventRecord, eventRecords } from '@hookport/testkit/inbox/event-records'
import { expect, onTestFinished, test, vi } from 'vitest'
import { counts, rememberMs, temporaryFile, testInbox } from './support/test-inbox.ts'

test('what was put and not handled is handed out after a restart, once each', async () => {
  const path = temporaryFile()
  const before = sqliteInbox({ path })
  await Promise.all(eventRecords(30).map((event) => before.put(event, { rememberMs })))
  await before.close()

  const after = testInbox({ path })
  const { consumer, ids } = consumeRecorded(after)
  await consumer.idle()
  expect(new Set(ids()).size).toBe(30)
  expect(ids()).toHaveLength(30)
})

test("bodies are whole in a test's sandbox, whose Uint8Array is not the one of Node", async () => {
  vi.stubGlobal('Uint8Array', runInNewContext('Uint8Array'))
  onTestFinished(() => void vi.unstubAllGlobals())
  const inbox = testInbox()
  const bodies = ['short', 'long'.repeat(1_000)]
  await Promise.all(
    bodies.map((text, at) =>
      inbox.put(eventRecord({ id: `${at}`, rawBody: Buffer.from(text) }), { rememberMs }),
    ),
  )
  const kept = await Promise.all(bodies.map((_, at) => inbox.get(`acme:${at}`)))
  expect(kept.map((event) => event?.rawBody.toString())).toEqual(bodies)
})

test('ids stay remembered, with their fingerprints, for their time', async () => {
  const path = temporaryFile()
  const clock = manualClock(1_000_000)
  const before = sqliteInbox({ path, clock })
  await before.put(eventRecord(), { rememberMs })
  await consumeRecorded(before).consumer.idle()
  await before.close()

  const after = testInbox({ path, clock })
  await clock.advance(rememberMs - 1)
  expect(await after.put(eventRecord(), { rememberMs })).toEqual({ outcome: 'duplicate', conflict: false })
  const other = eventRecord({ fingerprint: 2 })
  expect(await after.put(other, { rememberMs })).toEqual({ outcome: 'duplicate', conflict: true })
  await clock.advance(1)
  expect(await after.put(eventRecord(), { rememberMs })).toEqual({ outcome: 'accepted' })
})

test('retries and dead letters keep their standing', async () => {
  const path = temporaryFile()
  const clock = manualClock(1_000_000)
  const before = sqliteInbox({ path, clock })
  for (const id of ['retried', 'dead']) await before.put(eventRecord({ id }), { rememberMs })
  const verdictOf = ({ id }: EventRecord) => (id === 'dead' ? dead : retryIn(60_000))
  await consumeRecorded(before, async ({ event }) => verdictOf(event)).consumer.idle()
  const standing = await before.list()
  await before.close()

  const after = testInbox({ path, clock })
  expect(await after.list()).toEqual(standing)
  const { attempts } = consumeRecorded(after)
  await clock.advance(59_999)
  expect(attempts).toEqual([])
  await clock.advance(1)
  expect(attempts).toMatchObject([{ event: { id: 'retried' }, attempt: 2, interruptions: 0 }])
  expect(await after.counts()).toEqual(counts({ dead: 1 }))
})

test('a claim outlives the restart: its holder may still confirm, and others wait', async () => {
  const path = temporaryFile()
  const clock = manualClock(1_000_000)
  const before = sqliteInbox({ path, clock })
  const claim = await before.claim(eventRecord(), { rememberMs, leaseMs: 30_000 })
  if (claim.outcome !== 'claimed') expect.unreachable()
  await before.close()

  const after = testInbox({ path, clock })
  expect(await after.claim(eventRecord(), { rememberMs, leaseMs: 30_000 })).toEqual({
    outcome: 'in_progress',
    retryAfterMs: 30_000,
  })
  expect(await after.confirm(claim.lease, eventRecord(), { rememberMs })).toBe(true)
  expect(await after.put(eventRecord(), { rememberMs })).toMatchObject({ outcome: 'duplicate' })
})

test('a body with every byte value, an empty one and one of 2 MB are kept exactly', async () => {
  const path = temporaryFile()
  const bodies: Record<string, Uint8Array> = {
    every: Uint8Array.from({ length: 256 }, (_, byte) => byte),
    empty: new Uint8Array(0),
    large: Uint8Array.from({ length: 2_000_000 }, (_, index) => (index * 7919) & 0xff),
    view: new Uint8Array(Uint8Array.from({ length: 100 }, (_, byte) => byte).buffer, 10, 50),
  }
  const before = sqliteInbox({ path })
  for (const [id, rawBody] of Object.entries(bodies))
    await before.put(eventRecord({ id, rawBody }), { rememberMs })
  await before.close()

  const { attempts, consumer } = consumeRecorded(testInbox({ path }))
  await consumer.idle()
  expect(attempts).toHaveLength(4)
  for (const { event } of attempts) {
    expect(Buffer.compare(event.rawBody, bodies[event.id] ?? expect.unreachable())).toBe(0)
  }
})

test('any text of a sender comes back unchanged', async () => {
  const texts = ['a\0b', '\ud800 alone', '"quoted" \\ \\u0041', 'ünï→😀', "'; DROP TABLE events; --"]
  const inbox = testInbox()
  for (const [index, text] of texts.entries()) {
    await inbox.put(eventRecord({ key: `acme:${index}`, id: text, type: text }), { rememberMs })
  }
  const { items } = await inbox.list()
  expect(items.map(({ id }) => id)).toEqual(texts)
  for (const text of texts) expect((await inbox.list({ type: text })).items).toHaveLength(1)
  const { attempts, consumer } = consumeRecorded(inbox, async () => done)
  await consumer.idle()
  expect(attempts.map(({ event }) => event.type)).toEqual(texts)
})

test('a time with a fraction is kept', async () => {
  const inbox = testInbox({ clock: manualClock(1_000.5) })
  await inbox.put(eventRecord({ receivedAt: 1_000.5 }), { rememberMs: 10.25 })
  expect(await inbox.get('acme:evt_1')).toMatchObject({ receivedAt: 1_000.5, createdAt: 1_000 })
})

test('a consumer that is stopped waits for what is under work, and leaves the rest in the file', async () => {
  const inbox = testInbox()
  await Promise.all(eventRecords(5).map((event) => inbox.put(event, { rememberMs })))
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const { attempts, consumer } = consumeRecorded(inbox, () => finished.then(() => done), { concurrency: 2 })
  await expect.poll(() => attempts.length).toBe(2)
  const stopped = consumer.stop()
  expect(consumer.stop()).toBe(stopped)
  finish()
  await stopped
  expect(attempts).toHaveLength(2)
  expect(await inbox.counts()).toEqual(counts({ pending: 3 }))
})

test('a reconciled event that differs from a delivery in nothing else is still told apart', async () => {
  const inbox = testInbox()
  await inbox.put(eventRecord({ origin: 'reconciled' }), { rememberMs })
  expect(await inbox.get('acme:evt_1')).toMatchObject({ origin: 'reconciled' })
})
