import { startPostgres } from '@hookport/testkit/servers/postgres-server'
import { startRedis } from '@hookport/testkit/servers/redis-server'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { onTestFinished, test } from 'vitest'
import { assertNothingMissed } from './support/losing-jaot.ts'
import { inOwnProcess } from './support/members.ts'

/** All of it with TEST_ALL: 500 runs; else 100. */
const count = process.env.TEST_ALL ? 500 : 100

const stores: Record<string, () => Promise<Record<string, string>>> = {
  SQLite: async () => ({ HOOKPORT_DB: `${temporaryFolder()}/inbox.db` }),
  BullMQ: async () => {
    const redis = await startRedis(['--appendonly', 'yes'])
    onTestFinished(() => redis.stop())
    return { REDIS_URL: redis.url }
  },
  Postgres: async () => {
    const postgres = await startPostgres()
    onTestFinished(() => postgres.stop())
    return { DATABASE_URL: postgres.url }
  },
}

/** All of them with TEST_ALL: each takes some 10 s. */
const tried = Object.entries(stores).slice(0, process.env.TEST_ALL ? undefined : 1)

test.each(tried)(
  `${count} runs of JAOT have ${count} effects over %s, though it loses webhooks, fails, and both receivers are killed in the middle of a page`,
  async (_, start) => assertNothingMissed(inOwnProcess(await start()), { count, every: 400 }),
  90_000,
)
