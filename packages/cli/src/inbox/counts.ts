import { eventStates, type Inbox, type Pause } from '@hookport/core'
import { rejectOperands } from '../flags/flags.ts'
import { exitCodes } from '../terminal/exit-codes.ts'
import { printableLine } from '../terminal/printable.ts'
import { alignColumns } from '../terminal/table.ts'
import { type InboxAction, readOwner } from './inbox-action.ts'

/** How many events there are in each state. */
export const countsAction: InboxAction = async ({ inbox, flags, operands, terminal }) => {
  rejectOperands('inbox counts', operands)
  const counts = await inbox.counts(readOwner(flags))
  const rows = eventStates.map((state) => [state, String(counts[state])])
  const paused = await pausesOf(inbox, flags.text('source'))
  if (flags.has('json')) {
    terminal.print(JSON.stringify(paused.length === 0 ? counts : { ...counts, paused }))
    return exitCodes.ok
  }
  for (const line of alignColumns(rows)) terminal.print(line)
  for (const { source, handler, reason, since } of paused) {
    const what = handler === undefined ? source : `${handler} of ${source}`
    terminal.print(printableLine(`paused: ${what} since ${new Date(since).toISOString()}: ${reason}`))
  }
  return exitCodes.ok
}

const prefix = 'paused:'

/** The pauses, of one receiver or of all. */
async function pausesOf(
  inbox: Inbox,
  only: string | undefined,
): Promise<readonly (Pause & { readonly source: string })[]> {
  const notes = (await inbox.notes?.list(prefix)) ?? []
  return notes
    .map(({ name, text }) => ({ source: name.slice(prefix.length), pauses: JSON.parse(text) as Pause[] }))
    .filter(({ source }) => only === undefined || source === only)
    .flatMap(({ source, pauses }) => pauses.map((pause) => ({ source, ...pause })))
}
