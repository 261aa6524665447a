import { inboxSuite } from '@hookport/conformance/inbox'
import { type PgBouncer, startPgBouncer } from '@hookport/testkit/pgbouncer'
import { type PostgresServer, startPostgres } from '@hookport/testkit/postgres-server'
import pg from 'pg'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { harnessOn } from './support/harness.ts'

let server: PostgresServer
let bouncer: PgBouncer
let pool: pg.Pool

beforeAll(async () => {
  server = await startPostgres()
  bouncer = await startPgBouncer(server, { default_pool_size: '8' })
  pool = new pg.Pool({ connectionString: bouncer.url, max: 20 })
}, 90_000)

afterAll(async () => {
  await pool?.end()
  await bouncer?.stop()
  await server?.stop()
})

describe('through PgBouncer in transaction mode, with fewer connections than its pool has', () => {
  const harness = harnessOn(() => pool)

  for (const { id, name, run } of inboxSuite) {
    test.concurrent(`${id} ${name}`, { timeout: 60_000 }, () => run(harness))
  }
})
