import type { EventSummary, Inbox, ListFilter } from '@hookport/core'
import { rejectOperands } from '../flags/flags.ts'
import { exitCodes } from '../terminal/exit-codes.ts'
import { alignColumns } from '../terminal/table.ts'
import { type InboxAction, readFilter } from './inbox-action.ts'

const pageSize = 200

/** Prints the events that match the filters, one per line. With `--json` each line is a JSON document. */
export const listAction: InboxAction = async ({ inbox, flags, operands, terminal }) => {
  rejectOperands('inbox list', operands)
  const limit = flags.number('limit', { min: 1, whole: true }) ?? 50
  const found: EventSummary[] = []
  let isAll = true
  for await (const event of eventsOf(inbox, readFilter(flags))) {
    isAll = found.length < limit
    if (!isAll) break
    found.push(event)
  }
  const lines = flags.has('json') ? found.map((event) => JSON.stringify(event)) : tableOf(found)
  for (const line of lines) terminal.print(line)
  if (!isAll) terminal.note(`Only ${limit} are shown: --limit shows more`)
  return exitCodes.ok
}

function tableOf(events: readonly EventSummary[]): string[] {
  const rows = events.map(({ key, type, state, attempt, receivedAt, failures }) => [
    new Date(receivedAt).toISOString(),
    state,
    String(attempt),
    type,
    key,
    oneLine(failures[0]?.message ?? ''),
  ])
  return alignColumns([['received', 'state', 'attempt', 'type', 'key', 'failure'], ...rows])
}

/** All events that match the filter, page by page. */
export async function* eventsOf(
  inbox: Pick<Inbox, 'list'>,
  filter: ListFilter,
): AsyncGenerator<EventSummary> {
  let cursor: string | undefined
  do {
    const page = await inbox.list({ ...filter, limit: pageSize, ...(cursor !== undefined && { cursor }) })
    yield* page.items
    cursor = page.cursor
  } while (cursor !== undefined)
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length > 80 ? `${line.slice(0, 79)}…` : line
}
