import { inboxSuite } from '@hookport/conformance/inbox'
import { type PostgresServer, startPostgres } from '@hookport/testkit/servers/postgres-server'
import pg from 'pg'
import { afterAll, beforeAll, test } from 'vitest'
import { harnessOn } from './support/harness.ts'

let server: PostgresServer
let pool: pg.Pool

beforeAll(async () => {
  server = await startPostgres()
  pool = new pg.Pool({ connectionString: server.url, max: 20 })
}, 90_000)

afterAll(async () => {
  await pool?.end()
  await server?.stop()
})

const harness = harnessOn(() => pool)

/** It races 200 puts, and each has 2.5 s: it has the server to itself. */
const race = 'I003'

for (const { id, name, run } of inboxSuite) {
  test(`${id} ${name}`, { timeout: 60_000, concurrent: id !== race }, () => run(harness))
}
