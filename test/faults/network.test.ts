import { setTimeout as sleep } from 'node:timers/promises'
import { type ProxyMode, startTcpProxy, type TcpProxy } from '@hookport/testkit/proxies/tcp-proxy'
import { type RedisServer, startRedis } from '@hookport/testkit/servers/redis-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Delivered, deliverDuring, underWork } from './support/deliver.ts'
import {
  expectAllHandled,
  expectEachEffectOnce,
  expectPromptReplies,
  expectRepeatsOnlyAfterInterruptions,
  refused,
} from './support/promises.ts'
import { type Stack, startStack } from './support/stack.ts'

let redis: RedisServer

beforeAll(async () => {
  redis = await startRedis(['--appendonly', 'yes'])
}, 60_000)

afterAll(() => redis?.stop(), 60_000)

interface Disturbance {
  readonly mode: ProxyMode
  readonly times: number
  readonly forMs: number
}

interface Outcome {
  readonly delivered: Delivered[]
  readonly stack: Stack
  readonly toRedis: TcpProxy
}

/** Delivers while what lies between one of the processes and Redis is disturbed, several times, for a moment. */
async function disturb(
  disturbed: 'web' | 'worker',
  { mode, times, forMs }: Disturbance,
  check: (outcome: Outcome) => Promise<void>,
): Promise<void> {
  const toRedis = await startTcpProxy(redis.port)
  const stack = await startStack(redis.url, { leaseMs: 2_000 })
  try {
    const url = await stack.startWeb(disturbed === 'web' ? { REDIS_URL: toRedis.url } : {})
    await stack.startWorker(disturbed === 'worker' ? { REDIS_URL: toRedis.url } : {})
    const delivered = await deliverDuring(
      url,
      async () => {
        for (let turn = 0; turn < times; turn++) {
          toRedis.setMode(mode)
          await sleep(forMs)
          toRedis.setMode('pass')
          await sleep(300)
        }
      },
      underWork,
    )
    expectPromptReplies(delivered)
    await expectAllHandled(stack, delivered)
    await check({ delivered, stack, toRedis })
  } finally {
    await stack.end()
    await toRedis.stop()
  }
}

describe.concurrent('between the process that accepts and Redis', { timeout: 120_000 }, () => {
  test('connections reset for half a second: nothing is refused, and each event is handled once', () =>
    disturb('web', { mode: 'reset', times: 3, forMs: 500 }, async ({ delivered, stack }) => {
      expect(refused(delivered)).toEqual([])
      await expectEachEffectOnce(stack)
    }))

  test('connections reset for longer than a sender waits: what was refused is accepted later', () =>
    disturb('web', { mode: 'reset', times: 1, forMs: 4_000 }, async ({ delivered, stack }) => {
      expect(refused(delivered).length).toBeGreaterThan(0)
      await expectEachEffectOnce(stack)
    }))

  test('a reply lost after the command ran: it is sent again and found held, and each event is handled once', () =>
    disturb('web', { mode: 'drop-replies', times: 5, forMs: 100 }, async ({ delivered, stack, toRedis }) => {
      expect(toRedis.droppedReplies).toBeGreaterThan(0)
      expect(refused(delivered)).toEqual([])
      await expectEachEffectOnce(stack)
    }))

  test('a black hole: replies come in time, and on a new connection what was refused is accepted', () =>
    disturb('web', { mode: 'black-hole', times: 1, forMs: 3_000 }, async ({ delivered, stack }) => {
      expect(refused(delivered).length).toBeGreaterThan(0)
      await expectEachEffectOnce(stack)
    }))
})

describe.concurrent('between the process that handles and Redis', { timeout: 120_000 }, () => {
  test('connections reset: nothing is refused, and what was accepted is handled', () =>
    disturb('worker', { mode: 'reset', times: 3, forMs: 500 }, async ({ delivered, stack }) => {
      expect(refused(delivered)).toEqual([])
      await expectRepeatsOnlyAfterInterruptions(stack, 3 * 16)
    }))

  test('replies lost after the command ran: what was taken up without knowing it is asked for again, and nothing is repeated', () =>
    disturb(
      'worker',
      { mode: 'drop-replies', times: 5, forMs: 100 },
      async ({ delivered, stack, toRedis }) => {
        expect(toRedis.droppedReplies).toBeGreaterThan(0)
        expect(refused(delivered)).toEqual([])
        await expectEachEffectOnce(stack)
      },
    ))

  test('a black hole: a worker gives up the silent connection and goes on', () =>
    disturb('worker', { mode: 'black-hole', times: 1, forMs: 2_000 }, async ({ delivered, stack }) => {
      expect(refused(delivered)).toEqual([])
      await expectRepeatsOnlyAfterInterruptions(stack, 16)
    }))
})
