import { type RedisServer, startRedis } from '@hookport/testkit/servers/redis-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Delivered, deliverUntilAccepted, newDelivery } from './support/deliver.ts'
import { expectAllHandled, expectEachEffectOnce } from './support/promises.ts'
import { type Stack, startStack } from './support/stack.ts'

const distinct = 20_000
const duplicates = 5_000
const senders = 64

let redis: RedisServer
let stack: Stack
let urls: string[]

beforeAll(async () => {
  redis = await startRedis(['--appendonly', 'yes'])
  stack = await startStack(redis.url, { leaseMs: 30_000 })
  urls = await Promise.all([stack.startWeb(), stack.startWeb()])
  await Promise.all([stack.startWorker(), stack.startWorker()])
}, 90_000)

afterAll(async () => {
  await stack?.end()
  await redis?.stop()
}, 60_000)

test('20,000 events and 5,000 duplicates through two web processes, handled by two workers: 20,000 effects', async () => {
  const accepted: Delivered[] = []
  const repeated: Delivered[] = []
  let next = 0
  /** Every fourth event is sent a second time, at once or later, to the other process. */
  async function sendSome(): Promise<void> {
    while (next < distinct) {
      const number = next++
      const [one, other] = (number % 2 === 0 ? urls : urls.toReversed()) as [string, string]
      const { id, delivery } = newDelivery()
      const first = deliverUntilAccepted(one, delivery)
      if (number % 8 === 0) await first
      if (number % 4 === 0) repeated.push({ id, attempts: await deliverUntilAccepted(other, delivery) })
      accepted.push({ id, attempts: await first })
    }
  }
  await Promise.all(Array.from({ length: senders }, sendSome))
  expect(accepted).toHaveLength(distinct)
  expect(repeated).toHaveLength(duplicates)

  await expectAllHandled(stack, accepted)
  await expectEachEffectOnce(stack)
  expect(await stack.effects()).toHaveLength(distinct)
}, 300_000)
