import { execFileSync } from 'node:child_process'
import { startPgBouncer } from '@hookport/testkit/pgbouncer'
import { startPostgres } from '@hookport/testkit/postgres-server'

export interface PostgresUrls {
  readonly direct: string
  /** Through a PgBouncer in transaction mode. */
  readonly pooled: string
}

/** Lends a new Postgres on the second core, as it comes: it syncs every commit. */
export async function withPostgres<Result>(use: (urls: PostgresUrls) => Promise<Result>): Promise<Result> {
  const postgres = await startPostgres()
  try {
    pin(postgres.process.pid)
    const pooler = await startPgBouncer(postgres)
    try {
      pin(pooler.process.pid)
      return await use({ direct: postgres.url, pooled: pooler.url })
    } finally {
      await pooler.stop()
    }
  } finally {
    await postgres.stop()
  }
}

/** What it starts from now on is there, too. */
function pin(pid: number | undefined): void {
  if (process.platform === 'linux') execFileSync('taskset', ['-pc', '1', String(pid)], { stdio: 'ignore' })
}
