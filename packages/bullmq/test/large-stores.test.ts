import { noProgress } from '@hookport/core'
import { deferred } from '@hookport/testkit/deferred'
import { expect, test, vi } from 'vitest'
import { useBench } from './support/bench.ts'
import { consume } from './support/consuming.ts'
import { countCalls } from './support/count-calls.ts'
import { remember, sampleEvent, sampleFailure } from './support/sample-event.ts'

const bench = useBench()

/** A body of which two are more than one step reads. */
const large = () => Buffer.alloc(1_000_000, 'x')

async function callsOf(command: string): Promise<number> {
  const stats = await bench.redis.info('commandstats')
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
}

test('where events of hundreds of types are parked, a taking looks at no more of them than it has room for', async () => {
  const inbox = bench.open()
  const parking = consume(inbox, undefined, { types: [] })
  const events = Array.from({ length: 300 }, (_, index) => sampleEvent({ type: `type.${index}` }))
  await Promise.all(events.map((event) => inbox.put(event, remember)))
  await vi.waitFor(async () => expect((await inbox.counts()).parked).toBe(300), 30_000)
  await parking.consumer.stop()
  await bench.redis.config('RESETSTAT')
  const gate = deferred<undefined>()
  const { consumer, turns } = consume(inbox, () => gate.promise)
  await vi.waitFor(() => expect(turns).toHaveLength(4), 10_000)
  expect(await callsOf('zrange')).toBeLessThan(50)
  gate.resolve(undefined)
  await consumer.idle()
  expect(turns).toHaveLength(300)
})

test('a search reads few large events in one step, and finds what is behind them', async () => {
  const inbox = bench.open()
  const failed = { ...remember, failure: sampleFailure }
  for (let count = 0; count < 6; count++) await inbox.put(sampleEvent({ rawBody: large() }), failed)
  const sought = sampleEvent({ tenant: 'sought' })
  await inbox.put(sought, failed)
  await bench.redis.config('RESETSTAT')
  const { items } = await inbox.list({ state: 'dead', tenant: 'sought' })
  expect(items.map(({ key }) => key)).toEqual([sought.key])
  expect((await countCalls(bench.redis)).scripts).toBeGreaterThan(2)
})

test('what is kept no longer is deleted step by step, few large ones in each, and an idle consumer does not wait between them', async () => {
  const inbox = bench.open()
  for (let count = 0; count < 20; count++) await inbox.put(sampleEvent({ rawBody: large() }), remember)
  const handling = consume(inbox, async () => ({ outcome: 'done', progress: noProgress, keepMs: 60_000 }))
  await handling.consumer.idle()
  await handling.consumer.stop()
  const completed = `${bench.prefix}:webhooks-sematryx:completed`
  const handled = await bench.redis.zrange(completed, 0, '-1')
  expect(handled).toHaveLength(20)
  for (const jobId of handled) await bench.redis.zadd(completed, 1, jobId) // its time is over
  await bench.redis.config('RESETSTAT')
  consume(inbox)
  await vi.waitFor(async () => expect((await inbox.counts()).handled).toBe(0), { timeout: 4_000 }) // without being called again it would come after 5 s
  expect((await countCalls(bench.redis)).scripts).toBeGreaterThan(8)
})
