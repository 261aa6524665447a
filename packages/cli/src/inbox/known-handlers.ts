import { type EventSummary, eventStates, type Inbox } from '@hookport/core'
import { printable } from '../terminal/printable.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** So many events of each state are looked at, the latest first. */
const mostEvents = 100

/**
 * Says so where no event that is kept tells of a handler of that name. That is no error: it may come with the next deploy. But a name that is misspelt does
 * nothing, and nobody else would say so.
 *
 * @param what becomes of it: `it is paused all the same, …`.
 */
export async function noteUnknownHandler(
  handler: string | undefined,
  what: string,
  {
    inbox,
    source,
    terminal,
  }: { readonly inbox: Inbox; readonly source: string | undefined; readonly terminal: Terminal },
): Promise<void> {
  if (handler === undefined) return
  const names = await knownHandlers(inbox, source)
  if (names.some((name) => name === handler || givenName(name) === handler)) return
  const known = names.map((name) => printable(givenName(name))).join(', ')
  const found =
    known === '' ? 'no event that is kept has been handled by any' : `those that events tell of: ${known}`
  terminal.note(`no handler called ${JSON.stringify(handler)} is known (${found}): ${what}`)
}

/** Names of handlers that kept events tell of, as progress has them. */
async function knownHandlers(inbox: Inbox, source: string | undefined): Promise<readonly string[]> {
  const names = new Set<string>()
  for (const state of eventStates) {
    const { items } = await inbox.list({
      ...(source !== undefined && { source }),
      state,
      newestFirst: true,
      limit: mostEvents,
    })
    for (const event of items) for (const name of handlersIn(event)) names.add(name)
  }
  return [...names].sort()
}

function handlersIn({ progress }: EventSummary): readonly string[] {
  const { completed, abandoned, waiting = [], skipped = [], history = {} } = progress
  const failed = [...abandoned, ...waiting].flatMap(({ handler }) => handler ?? [])
  return [...completed, ...skipped, ...failed, ...Object.keys(history)]
}

/** What the application calls it: `save` of `onEvent(order.paid):save`. One without a name is called as progress has it. */
function givenName(fullName: string): string {
  return /^on\w+(?:\(.*\))?:(.+)$/s.exec(fullName)?.[1] ?? fullName
}
