import { type EventPage, type EventSummary, eventStates, type Inbox, type ListFilter } from '@hookport/core'
import { printable } from '../terminal/printable.ts'

/** This many events of each state are read, the latest first. */
const mostEvents = 100
/** For each state. A store may look at so many events in a call, also of other receivers, and find none. */
const mostCalls = 20

/**
 * What to say if no kept event names a handler like this. The handler may come with the next deploy. But a misspelt name does nothing, and nothing else
 * would say so.
 *
 * @returns undefined if the handler is known, or none is named.
 */
export async function unknownHandler(
  handler: string | undefined,
  { inbox, source }: { readonly inbox: Inbox; readonly source: string | undefined },
): Promise<string | undefined> {
  if (handler === undefined) return undefined
  const names = await knownHandlers(inbox, source)
  if (names.some((name) => name === handler || givenName(name) === handler)) return undefined
  const known = names.map((name) => printable(givenName(name))).join(', ')
  const found = known === '' ? 'no kept event was handled by any' : `kept events name: ${known}`
  return `no handler called ${JSON.stringify(handler)} is known (${found})`
}

/** The handlers that kept events name, as in their progress. */
async function knownHandlers(inbox: Inbox, source: string | undefined): Promise<readonly string[]> {
  const names = new Set<string>()
  for (const state of eventStates)
    for (const event of await latest(inbox, { ...(source !== undefined && { source }), state }))
      for (const name of handlersIn(event)) names.add(name)
  return [...names].sort()
}

async function latest(inbox: Inbox, state: ListFilter): Promise<readonly EventSummary[]> {
  const filter = { ...state, newestFirst: true, limit: mostEvents }
  const items: EventSummary[] = []
  let page: EventPage = await inbox.list(filter)
  for (let calls = 1; ; calls++) {
    items.push(...page.items)
    if (items.length >= mostEvents || page.cursor === undefined || calls === mostCalls) return items
    page = await inbox.list({ ...filter, cursor: page.cursor })
  }
}

function handlersIn({ progress }: EventSummary): readonly string[] {
  const { completed, abandoned, waiting = [], skipped = [], history = {} } = progress
  const failed = [...abandoned, ...waiting].flatMap(({ handler }) => handler ?? [])
  return [...completed, ...skipped, ...failed, ...Object.keys(history)]
}

/** The application's name for it: `save` for `onEvent(order.paid):save`. A handler without a name keeps the name in progress. */
function givenName(fullName: string): string {
  return /^on\w+(?:\(.*\))?:(.+)$/s.exec(fullName)?.[1] ?? fullName
}
