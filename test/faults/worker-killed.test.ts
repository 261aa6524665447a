import { type RedisServer, startRedis } from '@hookport/testkit/servers/redis-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CrashPoint, crashPoints } from './processes/crash-points.ts'
import { deliver } from './support/deliver.ts'
import { expectAllHandled } from './support/promises.ts'
import { type Stack, startStack } from './support/stack.ts'

let redis: RedisServer

beforeAll(async () => {
  redis = await startRedis(['--appendonly', 'yes'])
}, 60_000)

afterAll(() => redis?.stop(), 60_000)

async function withStack(check: (stack: Stack, url: string) => Promise<void>): Promise<void> {
  const stack = await startStack(redis.url, { leaseMs: 1_000 })
  try {
    await check(stack, await stack.startWeb())
  } finally {
    await stack.end()
  }
}

/** How often the effect takes place. It is repeated where the process died between the effect and telling Redis. */
const effectsExpected: Record<CrashPoint, number> = {
  'after take-up': 1,
  'mid-handler': 1,
  'after the effect': 2,
  'before completion': 2,
}

describe.concurrent('a worker killed while it handles an event', { timeout: 120_000 }, () => {
  test.each(crashPoints)(
    'killed %s: another handles the event, and the effect is repeated only if it had taken place',
    async (point) => {
      await withStack(async (stack, url) => {
        const victim = await stack.startWorker()
        const delivered = await deliver(url, { data: { crash: { at: point, signal: 'SIGKILL' } } })
        expect(await victim.ended).toBe('SIGKILL')
        const heir = await stack.startWorker()
        await expectAllHandled(stack, [delivered])
        const effects = await stack.effects()
        expect(effects).toHaveLength(effectsExpected[point])
        expect(effects.at(-1)).toMatchObject({ id: delivered.id, pid: heir.pid, interruptions: 1 })
      })
    },
    120_000,
  )

  test('a handler that had succeeded is not run again because the process died in its neighbour', async () => {
    await withStack(async (stack, url) => {
      const victim = await stack.startWorker()
      const wishes = {
        type: 'optimization.failed',
        data: { crash: { at: 'mid-handler', signal: 'SIGKILL' } },
      } as const
      const delivered = await deliver(url, wishes)
      expect(await victim.ended).toBe('SIGKILL')
      await stack.startWorker()
      await expectAllHandled(stack, [delivered])
      expect((await stack.effects()).map(({ handler }) => handler)).toEqual(['first', 'second'])
    })
  }, 120_000)
})
