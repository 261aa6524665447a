import { stat } from 'node:fs/promises'
import type { Inbox } from '@hookport/core'
import type { Flags } from '../flags/flags.ts'
import { Failure, UsageError } from '../terminal/exit-codes.ts'

/** Opens the inbox that the flags name. Only the package of that one is loaded. */
export async function openInbox(flags: Flags): Promise<Inbox> {
  const redis = flags.text('redis')
  const file = flags.text('sqlite')
  if (redis !== undefined && file !== undefined)
    throw new UsageError('--redis and --sqlite exclude each other')
  if (redis !== undefined) return openRedis(redis, flags)
  if (file !== undefined) return openSqlite(file)
  throw new UsageError('--redis URL or --sqlite FILE is required')
}

async function openRedis(connection: string, flags: Flags): Promise<Inbox> {
  const { bullmqInbox } = await import('@hookport/bullmq')
  const application = flags.text('application')
  const prefix = flags.text('prefix')
  const queueName = flags.text('queue-name')
  return bullmqInbox({
    connection,
    ...(application !== undefined && { application }),
    ...(prefix !== undefined && { prefix }),
    ...(queueName !== undefined && { queueName }),
  })
}

/** A misspelt path must not become a new, empty inbox. */
async function openSqlite(path: string): Promise<Inbox> {
  const exists = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
  if (!exists) throw new Failure(`--sqlite ${path}: there is no such file`)
  const { sqliteInbox } = await import('@hookport/sqlite')
  return sqliteInbox({ path })
}
