import { bullmqInbox } from '@hookport/bullmq'
import { type Inbox, memoryInbox } from '@hookport/core'
import { sqliteInbox } from '@hookport/sqlite'

/** `REDIS_URL`: Redis, through BullMQ. `HOOKPORT_DB`: a SQLite file. Neither: memory. An application of yours picks one. */
export function inboxFromEnv({ REDIS_URL, HOOKPORT_DB } = process.env): Inbox {
  if (REDIS_URL) return bullmqInbox({ connection: REDIS_URL })
  if (HOOKPORT_DB) return sqliteInbox({ path: HOOKPORT_DB })
  return memoryInbox()
}
