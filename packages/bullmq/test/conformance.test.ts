import { setTimeout as sleep } from 'node:timers/promises'
import { type InboxHarness, inboxSuite } from '@hookport/conformance/inbox'
import { type RedisServer, startRedis } from '@hookport/testkit/servers/redis-server'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { bullmqInbox } from '../src/index.ts'

let server: RedisServer
let redis: Redis
let stores = 0

beforeAll(async () => {
  server = await startRedis()
  redis = new Redis(server.url)
}, 60_000)

afterAll(async () => {
  redis?.disconnect()
  await server?.stop()
})

const leaseMs = 5_000

const harness: InboxHarness = {
  durable: true,
  timeUnitMs: 200,
  patienceMs: 30_000,
  createStore() {
    const prefix = `{store-${++stores}}`
    return {
      open: () => bullmqInbox({ connection: server.url, prefix, leaseMs }),
      now: () => Date.now(),
      loseLeases: () => loseLeases(prefix),
      expireLeases: () => expireLeases(prefix),
      async dispose() {
        const keys = await redis.keys(`${prefix}*`)
        if (keys.length > 0) await redis.del(keys)
      },
    }
  },
}

/** Does what time does to a worker whose event loop is blocked: its leases run out, and nobody takes its events. */
async function expireLeases(prefix: string): Promise<void> {
  for (const leases of await redis.keys(`${prefix}:*:leases`)) {
    for (const jobId of await redis.zrange(leases, 0, '-1')) await redis.zadd(leases, 'XX', 1, jobId)
  }
}

/** Does what time does to workers that are frozen: their leases run out, and others take their events. */
async function loseLeases(prefix: string): Promise<void> {
  const held = new Map<string, string | null>()
  for (const leases of await redis.keys(`${prefix}:*:leases`)) {
    const queue = leases.slice(0, -':leases'.length)
    for (const jobId of await redis.zrange(leases, 0, '-1')) {
      const job = `${queue}:${jobId}`
      held.set(job, await redis.hget(job, 'tk'))
    }
  }
  while (held.size > 0) {
    for (const [job, token] of held) {
      const [, queue = '', jobId = ''] = /^(.*:[^:]+):([^:]+)$/.exec(job) ?? []
      if ((await redis.hget(job, 'tk')) !== token) held.delete(job)
      else await redis.multi().zadd(`${queue}:leases`, 'XX', 1, jobId).zadd(`${queue}:marker`, 0, '0').exec()
    }
    await sleep(10)
  }
}

describe('an inbox in Redis', () => {
  for (const { id, name, run } of inboxSuite) {
    test(`${id} ${name}`, { timeout: 60_000 }, async ({ skip }) => {
      const reason = harness.skip?.[id]
      if (reason !== undefined) skip(reason)
      await run(harness)
    })
  }
})
