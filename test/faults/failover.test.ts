import { setTimeout as sleep } from 'node:timers/promises'
import { startTcpProxy, type TcpProxy } from '@hookport/testkit/proxies/tcp-proxy'
import { type RedisServer, startRedis } from '@hookport/testkit/servers/redis-server'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { deliver, deliverUntilAccepted, newDelivery } from './support/deliver.ts'
import { expectAllHandled, expectEachEffectOnce, expectPromptReplies } from './support/promises.ts'
import { type Stack, startStack } from './support/stack.ts'

let primary: RedisServer
let replica: RedisServer
let replication: TcpProxy
let toPrimary: TcpProxy
let promoted: Redis
let stack: Stack
let url: string

beforeAll(async () => {
  primary = await startRedis([
    '--appendonly',
    'yes',
    '--appendfsync',
    'always',
    '--repl-diskless-sync-delay',
    '0',
  ])
  replication = await startTcpProxy(primary.port)
  replica = await startRedis(['--appendonly', 'yes', '--replicaof', '127.0.0.1', String(replication.port)])
  toPrimary = await startTcpProxy(primary.port)
  promoted = new Redis(replica.url)
  await vi.waitUntil(async () => /master_link_status:up/.test(await promoted.info('replication')), {
    timeout: 30_000,
  })
  stack = await startStack(toPrimary.url, { leaseMs: 2_000 })
  url = await stack.startWeb()
}, 120_000)

afterAll(async () => {
  promoted?.disconnect()
  await stack?.end()
  await toPrimary?.stop()
  await replication?.stop()
  await Promise.all([primary?.stop(), replica?.stop()])
}, 60_000)

test('a replica promoted without the last write: that event was answered 200 and is lost, every other is handled', async () => {
  const replicated = await Promise.all(Array.from({ length: 20 }, () => deliver(url)))
  await vi.waitUntil(() => replicaHolds(replicated.length), { timeout: 30_000 })

  replication.setMode('black-hole')
  const { id, delivery } = newDelivery()
  const lost = { id, attempts: await deliverUntilAccepted(url, delivery) }
  await primary.kill()
  await promoted.replicaof('NO', 'ONE')
  toPrimary.pointTo(replica.port)

  await stack.startWorker()
  const later = await Promise.all(Array.from({ length: 20 }, () => deliver(url)))
  expectPromptReplies([...replicated, lost, ...later])
  await expectAllHandled(stack, [...replicated, ...later])
  await sleep(500)
  expect((await stack.effects()).map((effect) => effect.id)).not.toContain(id)

  // The promoted Redis does not remember the event either. Whoever sends it again has it handled.
  const sentAgain = { id, attempts: await deliverUntilAccepted(url, delivery) }
  await expectAllHandled(stack, [sentAgain])
  await expectEachEffectOnce(stack)
}, 120_000)

async function replicaHolds(count: number): Promise<boolean> {
  return (await promoted.llen(`{hookport}:${stack.settings.QUEUE_NAME}-sematryx:wait`)) === count
}
