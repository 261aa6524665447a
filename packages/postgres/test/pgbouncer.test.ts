import { inboxSuite } from '@hookport/conformance/inbox'
import { type PgBouncer, startPgBouncer } from '@hookport/testkit/servers/pgbouncer'
import { type PostgresServer, startPostgres } from '@hookport/testkit/servers/postgres-server'
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

/** The whole takes half a minute. What a pooler could break shows in any part of it: each statement is its own transaction. */
const tried = process.env.TEST_ALL ? inboxSuite : inboxSuite.filter((_, index) => index % 4 === 0)

describe('through PgBouncer in transaction mode, with fewer connections than its pool has', () => {
  const harness = harnessOn(() => pool)

  for (const { id, name, run } of tried) {
    test.concurrent(`${id} ${name}`, { timeout: 60_000 }, () => run(harness))
  }
})
