import { startPgBouncer } from '@hookport/testkit/servers/pgbouncer'
import { startPostgres } from '@hookport/testkit/servers/postgres-server'

export interface PostgresUrls {
  readonly direct: string
  /** Through a PgBouncer in transaction mode. */
  readonly pooled: string
}

/**
 * Lends a new Postgres as it comes: it syncs every commit. It is bound to no core: beside what loads the server, it would get too little of one to
 * keep the other busy.
 */
export async function withPostgres<Result>(use: (urls: PostgresUrls) => Promise<Result>): Promise<Result> {
  const postgres = await startPostgres()
  try {
    const pooler = await startPgBouncer(postgres)
    try {
      return await use({ direct: postgres.url, pooled: pooler.url })
    } finally {
      await pooler.stop()
    }
  } finally {
    await postgres.stop()
  }
}
