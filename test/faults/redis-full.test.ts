import { setTimeout as sleep } from 'node:timers/promises'
import { type RedisServer, startRedis } from '@hookport/testkit/servers/redis-server'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deliverDuring, underWork } from './support/deliver.ts'
import {
  expectAllHandled,
  expectPromptReplies,
  expectRepeatsOnlyAfterInterruptions,
  refused,
} from './support/promises.ts'
import { type Stack, startStack } from './support/stack.ts'

let redis: RedisServer
let admin: Redis
let stack: Stack
let url: string

beforeAll(async () => {
  redis = await startRedis(['--appendonly', 'yes', '--maxmemory-policy', 'noeviction'])
  admin = new Redis(redis.url)
  stack = await startStack(redis.url, { leaseMs: 2_000 })
  url = await stack.startWeb()
  await stack.startWorker()
}, 90_000)

afterAll(async () => {
  admin?.disconnect()
  await stack?.end()
  await redis?.stop()
}, 60_000)

test('the memory of Redis full, then raised: what was refused is accepted later, what was accepted is handled', async () => {
  const delivered = await deliverDuring(
    url,
    async () => {
      await admin.config('SET', 'maxmemory', '1mb')
      await sleep(3_000)
      await admin.config('SET', 'maxmemory', '0')
      await sleep(300)
    },
    underWork,
  )
  expect(refused(delivered).length).toBeGreaterThan(0)
  expectPromptReplies(delivered)
  await expectAllHandled(stack, delivered)
  await expectRepeatsOnlyAfterInterruptions(stack, 16)
}, 120_000)
