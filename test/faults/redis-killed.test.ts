import { setTimeout as sleep } from 'node:timers/promises'
import { type RedisServer, startRedis } from '@hookport/testkit/servers/redis-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deliver, deliverDuring, underWork } from './support/deliver.ts'
import {
  expectAllHandled,
  expectEachEffectOnce,
  expectPromptReplies,
  expectRepeatsOnlyAfterInterruptions,
  refused,
} from './support/promises.ts'
import { type Stack, startStack } from './support/stack.ts'

/** A put waits 2.5 s for Redis to come back. */
const longerThanAPutWaits = 4_000

let redis: RedisServer
let stack: Stack
let url: string

beforeAll(async () => {
  redis = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always'])
  stack = await startStack(redis.url, { leaseMs: 5_000 })
  url = await stack.startWeb()
  await stack.startWorker()
}, 90_000)

afterAll(async () => {
  await stack?.end()
  await redis?.stop()
}, 60_000)

test('Redis killed and restarted: what was refused is accepted later, what was accepted is handled', async () => {
  const delivered = await deliverDuring(
    url,
    async () => {
      for (const downMs of [300, longerThanAPutWaits]) {
        await redis.kill()
        await sleep(downMs)
        await redis.restart()
        await sleep(1_000)
      }
    },
    underWork,
  )
  expect(refused(delivered).length).toBeGreaterThan(0)
  expectPromptReplies(delivered)
  await expectAllHandled(stack, delivered)
  await expectRepeatsOnlyAfterInterruptions(stack, 2 * 16)
}, 120_000)

test('processes started while Redis is down begin when it comes', async () => {
  await redis.kill()
  const other = await startStack(redis.url, { leaseMs: 5_000 })
  try {
    const lateUrl = await other.startWeb()
    await other.startWorker()
    const delivering = deliver(lateUrl)
    await sleep(longerThanAPutWaits)
    await redis.restart()
    const delivered = await delivering
    expect(delivered.attempts.length).toBeGreaterThan(1)
    expectPromptReplies([delivered])
    await expectAllHandled(other, [delivered])
    await expectEachEffectOnce(other)
  } finally {
    await other.end()
  }
}, 120_000)

test('on SIGTERM web and worker leave in good order', async () => {
  for (const running of [...stack.processes]) await running.drain()
}, 90_000)
