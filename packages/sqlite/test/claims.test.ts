import { noProgress } from '@hookport/core'
import { consumeRecorded, done } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'
import { machine } from './support/machine.ts'
import {
  counts,
  handleAll,
  lookInto,
  rememberMs,
  temporaryFile,
  testInbox,
  watchFile,
} from './support/test-inbox.ts'

const progress = { completed: ['first'], abandoned: [] }

test.each(['park', 'bury'] as const)(
  'an event that was claimed is remembered for its time, also once it is discarded: %s',
  async (settle) => {
    const { time, process } = machine()
    const inbox = testInbox({ clock: process() })
    const event = eventRecord()
    const claim = await inbox.claim(event, { rememberMs, leaseMs: 1_000 })
    if (claim.outcome !== 'claimed') expect.unreachable()
    await inbox[settle](claim.lease, event, { progress: noProgress, failures: [], rememberMs })
    expect(await inbox.discard(event.key)).toBe(true)
    await time.advance(rememberMs - 1)
    expect(await inbox.put(event, { rememberMs })).toMatchObject({ outcome: 'duplicate' })
    await time.advance(1)
    expect(await inbox.put(event, { rememberMs })).toEqual({ outcome: 'accepted' })
  },
)

test('a claim of another process over the file is in progress, also for one that saw no claim before', async () => {
  const path = temporaryFile()
  const [one, other] = [testInbox({ path }), testInbox({ path })]
  await one.put(eventRecord({ id: 'before' }), { rememberMs })
  const event = eventRecord()
  expect(await other.claim(event, { rememberMs, leaseMs: 30_000 })).toMatchObject({ outcome: 'claimed' })
  expect(await one.claim(event, { rememberMs, leaseMs: 30_000 })).toMatchObject({ outcome: 'in_progress' })
})

test('what was done under a claim is not done again where the event is then put', async () => {
  const inbox = testInbox()
  const event = eventRecord()
  const claim = await inbox.claim(event, { rememberMs, leaseMs: 1_000 })
  if (claim.outcome !== 'claimed') expect.unreachable()
  await inbox.release(claim.lease, progress, true)
  expect(await inbox.put(event, { rememberMs })).toEqual({ outcome: 'accepted' })
  const { attempts, consumer } = consumeRecorded(inbox)
  await consumer.idle()
  expect(attempts).toMatchObject([{ progress }])
})

test('what was done under a claim is not done again where an unreadable event turns out to be this one: the claim is lost', async () => {
  const inbox = testInbox()
  const event = eventRecord()
  const claim = async () => {
    const claimed = await inbox.claim(event, { rememberMs, leaseMs: 30_000 })
    return claimed.outcome === 'claimed' ? claimed.lease : expect.unreachable()
  }
  await inbox.release(await claim(), progress, true)
  const lease = await claim()
  await inbox.put(eventRecord({ id: 'digest', unreadable: true }), { rememberMs })
  const { attempts, consumer } = consumeRecorded(inbox, async ({ event: { unreadable } }) =>
    unreadable ? { outcome: 'replace', event, rememberMs } : done,
  )
  await consumer.idle()
  expect(attempts).toMatchObject([{ event: { id: 'digest' } }, { event: { id: event.id }, progress }])
  expect(await inbox.confirm(lease, event, { rememberMs })).toBe(false)
})

test.each(['park', 'bury'] as const)(
  'what is kept of claims is written a megabyte at a time: %s',
  async (settle) => {
    const path = temporaryFile()
    const inbox = testInbox({ path })
    const { rows } = lookInto(path)
    const settled = ['one', 'two', 'three'].map(async (id) => {
      const event = eventRecord({ id, rawBody: Buffer.alloc(700_000) })
      const claim = await inbox.claim(event, { rememberMs, leaseMs: 30_000 })
      if (claim.outcome !== 'claimed') expect.unreachable()
      await inbox[settle](claim.lease, event, { progress: noProgress, failures: [], rememberMs })
      return rows('events')
    })
    expect(await Promise.all(settled)).toEqual([1, 2, 3])
  },
)

test('unreadable events that turned out to be others are written a megabyte at a time, too', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  const { value } = lookInto(path)
  const ids = ['one', 'two', 'three']
  for (const id of ids) await inbox.put(eventRecord({ id, unreadable: true }), { rememberMs })
  const seen: number[] = [] // at each turn: the three that read them are the first
  const bodies = () => value('SELECT count(*) FROM bodies')
  const { consumer } = consumeRecorded(inbox, async ({ event }) => {
    seen.push(bodies())
    if (!event.unreadable) return done
    const read = eventRecord({ id: `read-${event.id}`, rawBody: Buffer.alloc(700_000) })
    return { outcome: 'replace', event: read, rememberMs }
  })
  await consumer.idle()
  expect(seen[3]).toBeLessThan(ids.length)
})

test('an event that has just been put has no failures, whatever else is known of it', async () => {
  const inbox = testInbox()
  await inbox.put(eventRecord({ tenant: 'one' }), { rememberMs })
  expect(await inbox.get('acme:evt_1')).toMatchObject({ state: 'pending', failures: [] })
})

test('an event whose body was lost is handed out without one, and blocks no other', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  await inbox.put(eventRecord({ id: 'long', rawBody: Buffer.alloc(3_000) }), { rememberMs })
  await inbox.put(eventRecord({ id: 'short' }), { rememberMs })
  watchFile(path).exec('DELETE FROM bodies')
  expect((await inbox.get('acme:long'))?.rawBody).toHaveLength(0)
  const { attempts, ids, consumer } = consumeRecorded(inbox)
  await consumer.idle()
  expect(ids()).toEqual(['long', 'short'])
  expect(attempts[0]?.event.rawBody).toHaveLength(0)
  await handleAll(inbox)
  expect(await inbox.counts()).toEqual(counts({}))
})
