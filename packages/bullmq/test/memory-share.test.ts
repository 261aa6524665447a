import { expect, test, vi } from 'vitest'
import { useBench } from './support/bench.ts'
import { consume } from './support/consuming.ts'
import { remember, sampleEvent } from './support/sample-event.ts'

const bench = useBench(['--maxmemory-policy', 'noeviction'])
const full = { code: 'inbox_full' }

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
  await bench.redis.config('SET', 'maxmemory', '0')
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
  await bench.redis.config('SET', 'maxmemory', '0')
}, 90_000)

test('maxMemoryShare: 1 leaves it to Redis', async () => {
  const inbox = bench.open({ maxMemoryShare: 1 })
  await inbox.put(sampleEvent(), remember)
  await limitMemoryTo(2_000_000)
  const { refusal } = await fillUp((count) =>
    Array.from({ length: count }, () => inbox.put(sampleEvent(), remember)),
  )
  expect(refusal).toMatchObject(full)
  await bench.redis.config('SET', 'maxmemory', '0')
}, 60_000)
