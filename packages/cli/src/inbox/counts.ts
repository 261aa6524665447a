import { rejectOperands } from '../flags/flags.ts'
import { exitCodes } from '../terminal/exit-codes.ts'
import { alignColumns } from '../terminal/table.ts'
import type { InboxAction } from './inbox-action.ts'

/** How many events there are in each state. */
export const countsAction: InboxAction = async ({ inbox, flags, operands, terminal }) => {
  rejectOperands('inbox counts', operands)
  const provider = flags.text('provider')
  const counts = await inbox.counts(provider === undefined ? {} : { provider })
  const { pending, scheduled, active, dead } = counts
  const rows = Object.entries({ pending, scheduled, active, dead }).map(([state, count]) => [
    state,
    String(count),
  ])
  if (flags.has('json')) terminal.print(JSON.stringify({ pending, scheduled, active, dead }))
  else for (const line of alignColumns(rows)) terminal.print(line)
  return exitCodes.ok
}
