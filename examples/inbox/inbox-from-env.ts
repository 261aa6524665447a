import { bullmqInbox } from '@hookport/bullmq'
import { type Inbox, memoryInbox } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import { sqliteInbox } from '@hookport/sqlite'
import pg from 'pg'

/**
 * `DATABASE_URL`: Postgres. `REDIS_URL`: Redis, through BullMQ. `HOOKPORT_DB`: a SQLite file. None of them: memory. An application of yours
 * picks one.
 */
export function inboxFromEnv({ DATABASE_URL, REDIS_URL, HOOKPORT_DB } = process.env): Inbox {
  if (DATABASE_URL) return postgresInbox({ pool: poolOf(DATABASE_URL) })
  if (REDIS_URL) return bullmqInbox({ connection: REDIS_URL })
  if (HOOKPORT_DB) return sqliteInbox({ path: HOOKPORT_DB })
  return memoryInbox()
}

let pool: pg.Pool | undefined

/** One for the process, and a small one: on a platform of functions, many processes share the database. */
function poolOf(connectionString: string): pg.Pool {
  pool ??= new pg.Pool({ connectionString, max: 4 }).on('error', () => {}) // the inbox says what is wrong
  return pool
}
