import { type RedisCluster, startClusterNodes } from '@hookport/testkit/servers/redis-cluster'
import { Cluster } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type BullmqInbox, bullmqInbox } from '../src/index.ts'
import { consume } from './support/consuming.ts'
import { done, remember, sampleEvent, sampleFailure } from './support/sample-event.ts'

let servers: RedisCluster
let cluster: Cluster
let inbox: BullmqInbox
let other: BullmqInbox

beforeAll(async () => {
  servers = await startClusterNodes()
  await servers.join()
}, 120_000)

beforeEach(() => {
  cluster = new Cluster([...servers.nodes], { lazyConnect: true })
  inbox = bullmqInbox({ connection: cluster, leaseMs: 1_000 })
  other = bullmqInbox({ connection: cluster, leaseMs: 1_000 })
})

afterEach(async () => {
  await Promise.all([inbox?.close(), other?.close()])
  cluster?.disconnect()
}, 60_000)

afterAll(() => servers?.stop(), 60_000)

test('of 50 racing puts of one id, through two instances on a cluster, one is accepted', async () => {
  const event = sampleEvent()
  const puts = Array.from({ length: 50 }, (_, index) =>
    (index % 2 === 0 ? inbox : other).put(event, remember),
  )
  const outcomes = (await Promise.all(puts)).map(({ outcome }) => outcome)
  expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1)
  expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(49)
  expect(await inbox.discard(event.key)).toBe(true)
})

test('an event put on a cluster is handed out, and remembered when it is done', async () => {
  const event = sampleEvent({ source: 'consumed' })
  const consuming = consume(inbox, undefined, { source: 'consumed' })
  expect(await other.put(event, remember)).toEqual({ outcome: 'accepted' })
  await vi.waitFor(async () => expect(await other.get(event.key)).toBeUndefined(), { timeout: 30_000 })
  expect(consuming.ids).toEqual([event.id])
  expect(await other.put(event, remember)).toEqual({ outcome: 'duplicate', conflict: false })
}, 60_000)

test('a dead letter on a cluster is listed, and handled after a redrive', async () => {
  const event = sampleEvent({ source: 'redriven' })
  const failures = [sampleFailure]
  let mended = false
  consume(inbox, async ({ progress }) => (mended ? done : { outcome: 'dead', progress, failures }), {
    source: 'redriven',
  })
  await inbox.put(event, remember)
  await vi.waitFor(
    async () => expect(await other.counts({ source: 'redriven' })).toMatchObject({ dead: 1 }),
    { timeout: 30_000 },
  )
  expect((await other.list({ state: 'dead' })).items).toMatchObject([{ key: event.key, failures }])
  mended = true
  expect(await other.redrive(event.key)).toBe(true)
  await vi.waitFor(async () => expect(await other.get(event.key)).toBeUndefined(), { timeout: 30_000 })
}, 90_000)

test('a claim on a cluster is held by one, and confirmed once', async () => {
  const event = sampleEvent()
  const options = { ...remember, leaseMs: 30_000 }
  const claim = await inbox.claim(event, options)
  expect(claim).toMatchObject({ outcome: 'claimed', lease: { attempt: 1 } })
  expect(await other.claim(event, options)).toMatchObject({ outcome: 'in_progress' })
  if (claim.outcome !== 'claimed') throw new Error('not claimed')
  expect(await inbox.renew(claim.lease, 30_000)).toBe(true)
  expect(await inbox.release(claim.lease, { completed: ['one'], abandoned: [] }, true)).toBe(true)
  const next = await other.claim(event, options)
  expect(next).toMatchObject({ outcome: 'claimed', lease: { attempt: 2, progress: { completed: ['one'] } } })
  if (next.outcome !== 'claimed') throw new Error('not claimed')
  expect(await inbox.confirm(claim.lease, event, remember)).toBe(false)
  expect(await other.confirm(next.lease, event, remember)).toBe(true)
  expect(await inbox.put(event, remember)).toMatchObject({ outcome: 'duplicate' })
})

test('an eviction policy and missing persistence of a cluster are found as risks', async () => {
  expect(await inbox.findRisks?.()).toEqual([expect.stringContaining('nothing to disk')])
})

test('an inbox made before the cluster works refuses, and works when it does', async () => {
  const late = await startClusterNodes()
  const early = new Cluster([...late.nodes], { lazyConnect: true })
  const own = bullmqInbox({ connection: early })
  const event = sampleEvent()
  try {
    await expect(own.put(event, remember)).rejects.toThrow()
    await expect(own.counts()).rejects.toThrow()
    await late.join()
    await vi.waitFor(async () => own.put(event, remember), { timeout: 30_000 })
    await vi.waitFor(async () => expect(await own.counts()).toMatchObject({ pending: 1 }), {
      timeout: 30_000,
    })
  } finally {
    await own.close()
    early.disconnect()
    await late.stop()
  }
}, 120_000)

test('a put rejects when the cluster is gone, and close resolves', async () => {
  await inbox.put(sampleEvent(), remember)
  consume(inbox)
  await servers.stop()
  await expect(inbox.put(sampleEvent(), remember)).rejects.toThrow()
  await Promise.all([inbox.close(), other.close()])
}, 60_000)
