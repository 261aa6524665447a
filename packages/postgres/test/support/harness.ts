import type { InboxHarness, InboxStore } from '@hookport/conformance/inbox'
import { type PostgresInboxOptions, postgresInbox } from '@hookport/postgres'
import pg from 'pg'
import { newSchema } from './new-schema.ts'

/** For the suite, on a database that is at `url` once the tests run. Each store is a schema, and each inbox has a pool of its own, as another process would. */
export function harnessOn(url: () => string, options: Partial<PostgresInboxOptions> = {}): InboxHarness {
  return { durable: true, timeUnitMs: 300, createStore: () => createStore(url(), options) }
}

async function createStore(url: string, options: Partial<PostgresInboxOptions>): Promise<InboxStore> {
  const schema = newSchema()
  const admin = new pg.Pool({ connectionString: url, max: 1 })
  const pools: pg.Pool[] = [admin]
  const endLeases = async () => {
    await admin.query(
      `UPDATE ${schema}.events SET due_at = extract(epoch FROM clock_timestamp()) * 1000 WHERE lease_token IS NOT NULL AND rest IS NULL`,
    )
  }
  return {
    open() {
      const pool = new pg.Pool({ connectionString: url, max: 6 })
      pools.push(pool)
      return postgresInbox({ pool, schema, leaseMs: 5_000, pollMs: 100, ...options })
    },
    now: () => Date.now(),
    loseLeases: endLeases,
    expireLeases: endLeases,
    async dispose() {
      await admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
      await Promise.all(pools.map((pool) => pool.end()))
    },
  }
}
