import type { InboxHarness, InboxStore } from '@hookport/conformance/inbox'
import { postgresInbox } from '@hookport/postgres'
import type pg from 'pg'
import { newSchema } from './new-schema.ts'

/** For the suite. Each store is a schema, and all inboxes share a pool, as a new connection takes longer than most tests: what it has goes with its server. It is tidied every ten seconds, and a busy machine takes its time. */
export function harnessOn(pool: () => pg.Pool): InboxHarness {
  return { durable: true, timeUnitMs: 200, patienceMs: 30_000, createStore: () => createStore(pool()) }
}

function createStore(pool: pg.Pool): InboxStore {
  const schema = newSchema()
  const endLeases = async () => {
    await pool.query(
      `UPDATE ${schema}.events SET due_at = extract(epoch FROM clock_timestamp()) * 1000 WHERE lease_token IS NOT NULL AND rest IS NULL`,
    )
  }
  return {
    async open() {
      const inbox = postgresInbox({ pool, schema, leaseMs: 5_000, pollMs: 100 })
      await inbox.counts() // makes the tables: a put has 2.5 s for that, which are soon over on a machine that is busy
      return inbox
    },
    now: () => Date.now(),
    loseLeases: endLeases,
    expireLeases: endLeases,
    async dispose() {},
  }
}
