import { type PostgresServer, startPostgres } from '@hookport/testkit/servers/postgres-server'
import pg from 'pg'
import { afterAll, beforeAll, onTestFinished } from 'vitest'

export interface TestServer {
  readonly server: PostgresServer
  /** Of the superuser unless `url` says otherwise. Ends with the test. */
  pool(options?: pg.PoolConfig): pg.Pool
  ask<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>
}

/** One Postgres for the tests of a file. */
export function testServer(settings: Record<string, string> = {}): TestServer {
  let server: PostgresServer
  let admin: pg.Pool
  beforeAll(async () => {
    server = await startPostgres(settings)
    admin = new pg.Pool({ connectionString: server.url, max: 3 })
    admin.on('error', () => {})
  }, 90_000)
  afterAll(async () => {
    await admin?.end()
    await server?.stop()
  })
  return {
    get server() {
      return server
    },
    pool(options = {}) {
      const pool = new pg.Pool({ connectionString: server.url, ...options })
      onTestFinished(() => (pool.ended ? undefined : pool.end()))
      return pool
    },
    async ask<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) {
      return (await admin.query<Row>(sql, values)).rows
    },
  }
}
