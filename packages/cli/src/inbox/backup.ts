import type { Inbox } from '@hookport/core'
import type { SqliteInbox } from '@hookport/sqlite'
import { exitCodes, UsageError } from '../terminal/exit-codes.ts'
import type { InboxAction } from './inbox-action.ts'

/** Makes a whole copy of the file as it is now, while others go on using it. */
export const backupAction: InboxAction = async ({ inbox, flags, operands, terminal }) => {
  const [path, ...more] = operands
  if (path === undefined || more.length > 0) throw new UsageError('backup takes one path: the file to create')
  if (!canBackUp(inbox))
    throw new UsageError(
      'backup is for --sqlite: Redis and Postgres write their own copies (BGSAVE, redis-cli --rdb FILE; pg_dump)',
    )
  await inbox.backup(path)
  if (flags.has('json')) terminal.print(JSON.stringify({ backup: path }))
  else terminal.print(`written: ${path}`)
  return exitCodes.ok
}

function canBackUp(inbox: Inbox): inbox is SqliteInbox {
  return 'backup' in inbox
}
