import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { useBench } from './support/bench.ts'
import { consume } from './support/consuming.ts'
import { countCalls } from './support/count-calls.ts'

const bench = useBench()

test('an idle consumer costs Redis less than one call in two seconds', async () => {
  const { consumer } = consume(bench.open())
  await consumer.idle()
  await bench.redis.config('RESETSTAT')
  await sleep(11_000)
  const { scripts = 0, waits = 0 } = await countCalls(bench.redis)
  expect(scripts).toBeGreaterThan(0)
  expect(scripts + waits).toBeLessThanOrEqual(5)
})
