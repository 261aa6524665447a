import type { KeptEvent } from '@hookport/core'
import { exitCodes, UsageError } from '../terminal/exit-codes.ts'
import { printable } from '../terminal/printable.ts'
import { alignColumns } from '../terminal/table.ts'
import type { InboxAction } from './inbox-action.ts'

/** Prints one event with its body, its failures and the attempts before. */
export const showAction: InboxAction = async ({ inbox, flags, operands, terminal }) => {
  const [key, ...more] = operands
  if (key === undefined || more.length > 0) throw new UsageError('show takes one key')
  const event = await inbox.get(key)
  if (!event) {
    terminal.note(`no event ${key}: handled, discarded, or never received`)
    return exitCodes.no
  }
  if (flags.has('body')) terminal.write(event.rawBody)
  else if (flags.has('json')) terminal.print(JSON.stringify({ ...event, rawBody: textOf(event) }))
  else for (const line of describe(event)) terminal.print(line)
  return exitCodes.ok
}

function describe(event: KeptEvent): string[] {
  const { key, source, tenant, id, type, state, attempt, dueAt, progress, failures } = event
  const rows = [
    ['key', key],
    ['source', source],
    ...(tenant === undefined ? [] : [['tenant', tenant]]),
    ['id', id],
    ['type', type],
    ['created', time(event.createdAt)],
    ['received', time(event.receivedAt)],
    ['state', dueAt === null ? state : `${state}, due ${time(dueAt)}`],
    ['attempt', String(attempt)],
    ['completed', progress.completed.join(', ') || 'no handler'],
    ...(progress.waiting ?? []).map(({ handler, attempt }) => ['waiting', `${handler}, attempt ${attempt}`]),
  ]
  const failed = failures.map(({ handler, code, message, at }) =>
    indented(`  ${time(at)} ${handler ?? 'the event'}: ${code}: ${message}`),
  )
  const attempts = attemptsIn(event)
  return [
    ...alignColumns(rows),
    ...(attempts.length > 0 ? ['attempts', ...attempts] : []),
    ...(failed.length > 0 ? ['failures', ...failed] : []),
    'body',
    printable(textOf(event)),
  ]
}

/** Of all handlers, the oldest first. */
function attemptsIn({ progress: { history = {} } }: KeptEvent): string[] {
  const runs = Object.entries(history).flatMap(([handler, ofHandler]) =>
    ofHandler.map((run) => ({ handler, ...run })),
  )
  return runs
    .sort((one, other) => one.at - other.at)
    .map(({ handler, at, durationMs, outcome, failure }) => {
      const reason = failure === undefined ? '' : `: ${failure.message}`
      return indented(`  ${time(at)} ${handler}: ${outcome} after ${Math.round(durationMs)} ms${reason}`)
    })
}

/** Further lines of a message begin where none of ours do: it may repeat what a sender wrote. */
function indented(text: string): string {
  return printable(text).replaceAll('\n', '\n    ')
}

const latest = 8_640_000_000_000_000

/** A handler may wait for a time that is too late for a `Date`. */
function time(at: number): string {
  return at > latest ? 'after all time' : new Date(at).toISOString()
}

function textOf({ rawBody }: KeptEvent): string {
  return Buffer.from(rawBody).toString('utf8')
}
