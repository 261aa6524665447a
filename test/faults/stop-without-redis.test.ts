import { setTimeout as sleep } from 'node:timers/promises'
import { bullmqInbox } from '@hookport/bullmq'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { type RedisServer, startRedis } from '@hookport/testkit/servers/redis-server'
import { describe, expect, test } from 'vitest'
import { secret } from './processes/settings.ts'
import { deliver } from './support/deliver.ts'
import { expectNothingKept } from './support/promises.ts'
import { startStack } from './support/stack.ts'

/** The promise is 10 s; a machine that is busy gets as much again. */
const stoppedWithinMs = 20_000

async function outcomeOf(stopping: Promise<void>): Promise<string> {
  return Promise.race([stopping.then(() => 'stopped'), sleep(stoppedWithinMs, 'still waiting')])
}

async function withRedis(check: (redis: RedisServer) => Promise<void>): Promise<void> {
  const redis = await startRedis(['--appendonly', 'yes'])
  try {
    await check(redis)
  } finally {
    await redis.stop()
  }
}

function startReceiver({ url }: RedisServer) {
  return sematryxReceiver({ logger: false, secret, inbox: bullmqInbox({ connection: url }) }).onAnyEvent(
    () => {},
  )
}

describe.concurrent('without Redis', { timeout: 120_000 }, () => {
  test('stop resolves when Redis went away before it', () =>
    withRedis(async (redis) => {
      const receiver = startReceiver(redis)
      await receiver.idle()
      await redis.kill()
      await sleep(500)
      expect(await outcomeOf(receiver.stop())).toBe('stopped')
    }))

  test('stop resolves when Redis was never there', () =>
    withRedis(async (redis) => {
      await redis.kill()
      const receiver = startReceiver(redis)
      await sleep(500)
      expect(await outcomeOf(receiver.stop())).toBe('stopped')
    }))

  test('stop resolves while Redis is frozen', () =>
    withRedis(async (redis) => {
      const receiver = startReceiver(redis)
      await receiver.idle()
      redis.process.kill('SIGSTOP')
      expect(await outcomeOf(receiver.stop())).toBe('stopped')
    }))

  test('processes leave on SIGTERM, and the event that was under work is handled by others later', () =>
    withRedis(async (redis) => {
      const stack = await startStack(redis.url, { leaseMs: 2_000 })
      try {
        const url = await stack.startWeb()
        await stack.startWorker()
        const delivered = await deliver(url, { data: { workMs: 1_500 } })
        await sleep(300)
        await redis.kill()
        await Promise.all([...stack.processes].map((running) => running.drain()))
        await redis.restart()
        await stack.startWorker()
        await expectNothingKept(stack)
        expect((await stack.effects()).map(({ id }) => id)).toContain(delivered.id)
      } finally {
        await stack.end()
      }
    }))
})
