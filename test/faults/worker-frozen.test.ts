import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RedisServer, startRedis } from '@hookport/testkit/servers/redis-server'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type CrashPoint, pointFile } from './processes/crash-points.ts'
import { deliver } from './support/deliver.ts'
import { expectAllHandled } from './support/promises.ts'
import { type Stack, startStack } from './support/stack.ts'
import type { TestProcess } from './support/test-process.ts'

let redis: RedisServer
let stack: Stack
let url: string
let frozen: TestProcess

beforeAll(async () => {
  redis = await startRedis(['--appendonly', 'yes'])
}, 60_000)

beforeEach(async () => {
  stack = await startStack(redis.url, { leaseMs: 1_000 })
  url = await stack.startWeb()
  frozen = await stack.startWorker()
}, 90_000)

afterEach(() => stack?.end(), 60_000)

afterAll(() => redis?.stop(), 60_000)

async function waitUntilReached(id: string, point: CrashPoint): Promise<void> {
  const file = pointFile(stack.settings.POINTS, id, point)
  await vi.waitUntil(() => existsSync(file), { timeout: 30_000 })
}

test('a worker frozen past its lock: another handles the event, and the effect is repeated once, when it resumes', async () => {
  const delivered = await deliver(url, { data: { crash: { at: 'mid-handler', signal: 'SIGSTOP' } } })
  await waitUntilReached(delivered.id, 'mid-handler')
  const other = await stack.startWorker()
  await expectAllHandled({ ...stack, processes: [other] }, [delivered])
  frozen.kill('SIGCONT')
  await vi.waitUntil(async () => (await stack.effects()).length >= 2, { timeout: 30_000 })
  const effects = await stack.effects()
  expect(effects.map(({ pid }) => pid)).toEqual([other.pid, frozen.pid])

  const next = await deliver(url) // both go on
  await expectAllHandled(stack, [delivered, next])
  expect(await stack.effects()).toHaveLength(3)
}, 120_000)

test('the verdict of a worker that was frozen past its lock is ignored', async () => {
  const crash = { at: 'mid-handler', signal: 'SIGSTOP' } as const
  const delivered = await deliver(url, { data: { crash, failsInProcess: frozen.pid } })
  await waitUntilReached(delivered.id, 'mid-handler')
  const other = await stack.startWorker()
  await expectAllHandled({ ...stack, processes: [other] }, [delivered])
  frozen.kill('SIGCONT')
  await sleep(1_000)
  await expectAllHandled(stack, [delivered]) // no dead letter, though the handler failed for good
  expect(await stack.effects()).toMatchObject([{ pid: other.pid }])
}, 120_000)
