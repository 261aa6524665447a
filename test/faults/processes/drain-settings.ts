import type { Inbox } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import { sqliteInbox } from '@hookport/sqlite'
import pg from 'pg'

/** What `drain.ts` is told, as JSON. */
export interface DrainSettings {
  /** A file of SQLite, or the URL of a Postgres. */
  readonly store: string
  readonly effectsFile: string
  readonly secret: string
  readonly leaseMs: number
  readonly maxMs: number
  /** What a handler does takes up to twice as long. */
  readonly workMs: number
  /** Marks the effects of this process. */
  readonly run: number
}

const ignore = () => {}

export const silentLogger = { debug: ignore, info: ignore, warn: ignore, error: ignore }

export async function openStore({
  store,
  leaseMs,
}: Pick<DrainSettings, 'store' | 'leaseMs'>): Promise<{ inbox: Inbox; close(): Promise<void> }> {
  if (!store.startsWith('postgres:')) {
    const inbox = sqliteInbox({ path: store, leaseMs, pollMs: 50 })
    return { inbox, close: () => inbox.close() }
  }
  const pool = new pg.Pool({ connectionString: store, max: 4 })
  pool.on('error', ignore)
  const inbox = postgresInbox({ pool, leaseMs, pollMs: 50 })
  return {
    inbox,
    async close() {
      await inbox.close()
      await pool.end()
    },
  }
}
