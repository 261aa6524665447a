import type { Lease } from '@hookport/core'
import { afterEach, expect, test, vi } from 'vitest'
import { useBench } from './support/bench.ts'
import { consume } from './support/consuming.ts'
import { remember, sampleEvent } from './support/sample-event.ts'

const bench = useBench(['--maxmemory-policy', 'noeviction'])
const full = { code: 'inbox_full' }

afterEach(() => bench.redis.config('SET', 'maxmemory', '0'))

async function limitMemoryTo(extraBytes: number): Promise<void> {
  const used = Number(/used_memory:(\d+)/.exec(await bench.redis.info('memory'))?.[1])
  await bench.redis.config('SET', 'maxmemory', used + extraBytes)
}

/** Puts until events are refused. */
async function fillUp(put: (count: number) => unknown[]): Promise<{ accepted: number; refusal: unknown }> {
  for (let accepted = 0; ; ) {
    const results = await Promise.allSettled(put(50))
    accepted += results.filter(({ status }) => status === 'fulfilled').length
    const refused = results.find(({ status }) => status === 'rejected')
    if (refused?.status === 'rejected') return { accepted, refusal: refused.reason }
  }
}

test('a Redis that a backlog has filled refuses more, and drains by itself once a consumer comes', async () => {
  const inbox = bench.open()
  const rawBody = Buffer.from(JSON.stringify({ text: 'x'.repeat(2_000) }))
  await inbox.put(sampleEvent(), remember)
  await limitMemoryTo(20_000_000)
  const { accepted, refusal } = await fillUp((count) =>
    Array.from({ length: count }, () => inbox.put(sampleEvent({ rawBody }), remember)),
  )
  expect(refusal).toMatchObject({ ...full, message: expect.stringContaining('maxMemoryShare') })
  await expect(inbox.claim(sampleEvent(), { ...remember, leaseMs: 1_000 })).rejects.toMatchObject(full)

  const consuming = consume(inbox, undefined, { concurrency: 16 })
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ pending: 0, active: 0 }), {
    timeout: 30_000,
  })
  expect(consuming.turns).toHaveLength(accepted + 1)
  expect(consuming.lines).toEqual([])
  await vi.waitFor(() => inbox.put(sampleEvent(), remember), { timeout: 5_000 })
}, 90_000)

test('a Redis filled to the brim by somebody else is drained all the same, where Redis lets scripts do that', async () => {
  const inbox = bench.open()
  for (let count = 0; count < 200; count++) await inbox.put(sampleEvent(), remember)
  await bench.redis.set('of a stranger', 'x'.repeat(1_000_000))
  await limitMemoryTo(-500_000)
  await expect(bench.redis.set('another', 'x')).rejects.toThrow(/OOM/)
  await expect(inbox.put(sampleEvent(), remember)).rejects.toMatchObject(full)
  consume(inbox, undefined, { concurrency: 16 })
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ pending: 0, active: 0 }), {
    timeout: 30_000,
  })
}, 90_000)

test('maxMemoryShare: 1 leaves it to Redis', async () => {
  const inbox = bench.open({ maxMemoryShare: 1 })
  await inbox.put(sampleEvent(), remember)
  await limitMemoryTo(2_000_000)
  const { refusal } = await fillUp((count) =>
    Array.from({ length: count }, () => inbox.put(sampleEvent(), remember)),
  )
  expect(refusal).toMatchObject(full)
}, 60_000)

test('what is parked causes no refusal: the oldest gives way where memory is short, which a consumer tells', async () => {
  const inbox = bench.open()
  const rawBody = Buffer.from(JSON.stringify({ text: 'x'.repeat(20_000) }))
  const parking = consume(inbox, undefined, { types: [] })
  await inbox.put(sampleEvent(), remember)
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ parked: 1 }), 10_000)
  await limitMemoryTo(20_000_000)
  const ids: string[] = []
  for (let round = 0; round < 100; round++) {
    const events = Array.from({ length: 20 }, () => sampleEvent({ rawBody }))
    await Promise.all(events.map((event) => inbox.put(event, remember)))
    ids.push(...events.map(({ id }) => id))
    await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ pending: 0 }), {
      timeout: 10_000,
      interval: 5,
    })
  }
  const { parked } = await inbox.counts()
  expect(parked).toBeLessThan(2_000)
  expect(parked).toBeGreaterThan(300)
  parking.consumer.wake()
  const dropped = () => parking.reports.filter(({ outcome }) => outcome === 'expired')
  await vi.waitFor(() => expect(dropped()).toHaveLength(2_001 - parked), { timeout: 10_000 })
  const firstDropped = dropped().slice(1, 41) // after the one that was put in front
  expect(firstDropped.map(({ event }) => event.id).sort()).toEqual(ids.slice(0, 40).sort())
}, 90_000)

test('a Redis that is full of something else drops nothing that is parked', async () => {
  const inbox = bench.open()
  const parking = consume(inbox, undefined, { types: [] })
  for (let count = 0; count < 100; count++) await inbox.put(sampleEvent(), remember)
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ parked: 100 }), 10_000)
  for (let part = 0; part < 20; part++) await bench.redis.set(`of a stranger ${part}`, 'x'.repeat(500_000))
  await limitMemoryTo(-1_000_000)
  await expect(inbox.put(sampleEvent(), remember)).rejects.toMatchObject(full)
  await vi.waitFor(
    () =>
      expect(inbox.put(sampleEvent(), remember)).rejects.toMatchObject({
        message: expect.stringContaining('maxMemoryShare'),
      }),
    10_000,
  )
  expect(await inbox.counts()).toMatchObject({ parked: 100 })
  expect(parking.reports.filter(({ outcome }) => outcome === 'expired')).toEqual([])
}, 60_000)

test('a claim that was given is renewed, released and confirmed where Redis is full by then, so that nothing is handled twice', async () => {
  const inbox = bench.open()
  const options = { ...remember, leaseMs: 30_000 }
  const [handled, failed] = [sampleEvent(), sampleEvent()]
  const claims = [await inbox.claim(handled, options), await inbox.claim(failed, options)]
  const [ofHandled, ofFailed] = claims.map((claim) => {
    if (claim.outcome !== 'claimed') throw new Error(claim.outcome)
    return claim.lease
  }) as [Lease, Lease]
  await bench.redis.set('of a stranger', 'x'.repeat(1_000_000))
  await limitMemoryTo(-500_000)
  await expect(bench.redis.set('another', 'x')).rejects.toThrow(/OOM/)
  const progress = { completed: ['first'], abandoned: [] }
  expect(await inbox.renew(ofHandled, 30_000)).toBe(true)
  expect(await inbox.confirm(ofHandled, handled, remember)).toBe(true)
  expect(await inbox.release(ofFailed, progress, true)).toBe(true)
  await bench.redis.config('SET', 'maxmemory', '0')
  expect(await inbox.claim(handled, options)).toEqual({ outcome: 'duplicate', conflict: false })
  expect(await inbox.claim(failed, options)).toMatchObject({
    outcome: 'claimed',
    lease: { attempt: 2, progress },
  })
})
