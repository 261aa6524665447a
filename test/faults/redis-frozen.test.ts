import { setTimeout as sleep } from 'node:timers/promises'
import { type RedisServer, startRedis } from '@hookport/testkit/servers/redis-server'
import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { deliverDuring, underWork } from './support/deliver.ts'
import {
  expectAllHandled,
  expectPromptReplies,
  expectRepeatsOnlyAfterInterruptions,
  refused,
} from './support/promises.ts'
import { startStack } from './support/stack.ts'

/** Delivers while something is done to Redis, for longer than a lock lasts. */
async function deliverWhile(doTo: (redis: RedisServer) => Promise<void>): Promise<void> {
  const redis = await startRedis(['--appendonly', 'yes'])
  const stack = await startStack(redis.url, { leaseMs: 2_000 })
  try {
    const url = await stack.startWeb()
    await stack.startWorker()
    const delivered = await deliverDuring(url, () => doTo(redis), underWork)
    expect(refused(delivered).length).toBeGreaterThan(0)
    expectPromptReplies(delivered)
    await expectAllHandled(stack, delivered)
    await expectRepeatsOnlyAfterInterruptions(stack, 16)
  } finally {
    await stack.end()
    await redis.stop()
  }
}

describe.concurrent('Redis out of reach for longer than a lock lasts', { timeout: 120_000 }, () => {
  test('Redis frozen for 5 s: what was refused is accepted later, what was accepted is handled', () =>
    deliverWhile(async (redis) => {
      redis.process.kill('SIGSTOP')
      await sleep(5_000)
      redis.process.kill('SIGCONT')
      await sleep(500)
    }))

  test('Redis paused for writes: what was refused is accepted later, what was accepted is handled', () =>
    deliverWhile(async ({ url }) => {
      const admin = new Redis(url)
      await admin.call('CLIENT', 'PAUSE', '4000', 'WRITE')
      await sleep(4_500)
      admin.disconnect()
    }))
})
