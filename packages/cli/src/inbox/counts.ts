import { eventStates } from '@hookport/core'
import { rejectOperands } from '../flags/flags.ts'
import { exitCodes } from '../terminal/exit-codes.ts'
import { alignColumns } from '../terminal/table.ts'
import { type InboxAction, readOwner } from './inbox-action.ts'

/** How many events there are in each state. */
export const countsAction: InboxAction = async ({ inbox, flags, operands, terminal }) => {
  rejectOperands('inbox counts', operands)
  const counts = await inbox.counts(readOwner(flags))
  const rows = eventStates.map((state) => [state, String(counts[state])])
  if (flags.has('json')) terminal.print(JSON.stringify(counts))
  else for (const line of alignColumns(rows)) terminal.print(line)
  return exitCodes.ok
}
