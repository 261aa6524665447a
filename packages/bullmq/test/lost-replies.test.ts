import { type EventRecord, type Lease, noProgress } from '@hookport/core'
import { startTcpProxy, type TcpProxy } from '@hookport/testkit/proxies/tcp-proxy'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { BullmqInbox } from '../src/index.ts'
import { useBench } from './support/bench.ts'
import { remember, sampleEvent } from './support/sample-event.ts'

const bench = useBench()
let proxy: TcpProxy

beforeAll(async () => {
  proxy = await startTcpProxy(bench.server.port)
})
afterAll(() => proxy?.stop())

/** The connection breaks once what it sends has been carried out, and before the reply. */
async function losingReply<Answer>(act: () => Answer | Promise<Answer>): Promise<Answer> {
  const before = proxy.droppedReplies
  proxy.setMode('drop-replies')
  const acting = (async () => act())()
  acting.catch(() => {})
  await vi.waitUntil(() => proxy.droppedReplies > before, { timeout: 10_000, interval: 1 })
  proxy.setMode('pass')
  return acting
}

const leased = { ...remember, leaseMs: 30_000 }
const burial = { ...remember, progress: noProgress, failures: [] }

async function claim(inbox: BullmqInbox, event: EventRecord): Promise<Lease> {
  const claimed = await inbox.claim(event, leased)
  return claimed.outcome === 'claimed' ? claimed.lease : expect.fail(claimed.outcome)
}

/** An inbox behind the proxy whose scripts Redis has by now. A script that it has not is not carried out before its first reply. */
async function opened(): Promise<BullmqInbox> {
  const inbox = bench.open({ connection: proxy.url })
  const event = sampleEvent()
  const lease = await claim(inbox, event)
  expect(await inbox.renew(lease, 30_000)).toBe(true)
  expect(await inbox.release(lease, noProgress, true)).toBe(true)
  expect(await inbox.confirm(lease, event, remember)).toBe(false)
  expect(await inbox.bury(lease, event, burial)).toBe(false)
  expect(await inbox.notes?.write('first', 'x', undefined)).toBe(true)
  return inbox
}

test('a claim whose reply was lost is held by who made it', async () => {
  const inbox = await opened()
  const event = sampleEvent()
  const lease = await losingReply(() => claim(inbox, event))
  expect(await losingReply(() => inbox.renew(lease, 30_000))).toBe(true)
  expect(await inbox.confirm(lease, event, remember)).toBe(true)
})

type End = (inbox: BullmqInbox, lease: Lease, event: EventRecord) => boolean | Promise<boolean>

test.each<[string, End]>([
  ['confirm', (inbox, lease, event) => inbox.confirm(lease, event, remember)],
  ['release', (inbox, lease) => inbox.release(lease, noProgress, true)],
  ['bury', (inbox, lease, event) => inbox.bury(lease, event, burial)],
])('%s does not say that another has the event because its reply was lost', async (_, end) => {
  const inbox = await opened()
  const event = sampleEvent()
  const lease = await claim(inbox, event)
  await expect(losingReply(() => end(inbox, lease, event))).rejects.toThrow()
  expect(await end(inbox, lease, event)).toBe(false)
})

test('a note whose reply was lost is written, and is not said to have been changed by another', async () => {
  const inbox = await opened()
  expect(await losingReply(() => inbox.notes?.write('second', 'x', undefined))).toBe(true)
  expect(await inbox.notes?.read('second')).toMatchObject({ text: 'x' })
})
