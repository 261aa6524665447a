import { type RedisServer, startRedis } from '@hookport/testkit/servers/redis-server'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { type BullmqInbox, type BullmqInboxOptions, bullmqInbox } from '../../src/index.ts'

/** A Redis for the tests of a file, and inboxes on a prefix of each test's own. */
export interface Bench {
  readonly server: RedisServer
  /** To look into Redis. */
  readonly redis: Redis
  readonly prefix: string
  /** Another inbox on the store of the test, as another process would have. Closed after the test. */
  open(options?: Partial<BullmqInboxOptions>): BullmqInbox
  /** Lets all leases run out, as those of a process do that died or was frozen. */
  lapseLeases(): Promise<void>
}

export function useBench(settings: readonly string[] = []): Bench {
  let server: RedisServer
  let redis: Redis
  let stores = 0
  const opened: BullmqInbox[] = []

  beforeAll(async () => {
    server = await startRedis(settings)
    redis = new Redis(server.url)
  }, 60_000)

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((inbox) => inbox.close()))
    stores += 1
  }, 60_000)

  afterAll(async () => {
    redis?.disconnect()
    await server?.stop()
  })

  return {
    get server() {
      return server
    },
    get redis() {
      return redis
    },
    get prefix() {
      return `{store-${stores}}`
    },
    open(options) {
      const inbox = bullmqInbox({ connection: server.url, prefix: `{store-${stores}}`, ...options })
      opened.push(inbox)
      return inbox
    },
    async lapseLeases() {
      for (const key of await redis.keys(`{store-${stores}}:*:leases`)) {
        for (const jobId of await redis.zrange(key, 0, '-1')) await redis.zadd(key, 'XX', 1, jobId)
      }
    },
  }
}
