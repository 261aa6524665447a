import { setTimeout as sleep } from 'node:timers/promises'
import { type InboxHarness, inboxSuite } from '@hookport/conformance/inbox'
import { type RedisServer, startRedis } from '@hookport/testkit/redis-server'
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

const leaseMs = 500

const harness: InboxHarness = {
  durable: true,
  timeUnitMs: 200,
  patienceMs: 30_000,
  createStore() {
    const prefix = `{store-${++stores}}`
    return {
      open: () => bullmqInbox({ connection: server.url, prefix, leaseMs }),
      now: () => Date.now(),
      loseLeases: () => loseLocks(prefix),
      async dispose() {
        const keys = await redis.keys(`${prefix}*`)
        if (keys.length > 0) await redis.del(keys)
      },
    }
  },
}

/** Does what time does to workers that are frozen: their locks are gone, and BullMQ's check for stalled jobs finds out. */
async function loseLocks(prefix: string): Promise<void> {
  const locked = (await redis.keys(`${prefix}:*:lock`)).map((key) => key.slice(0, -':lock'.length))
  const stolen = new Set<string>()
  while (stolen.size < locked.length) {
    for (const job of locked) {
      if (stolen.has(job)) continue
      if (Number(await redis.hget(job, 'stc')) > 0) stolen.add(job)
      else await redis.del(`${job}:lock`)
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
