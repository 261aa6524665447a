import type { EventSummary, Inbox, ListFilter } from '@hookport/core'

/** A store reads at most this many events in one call: their failures may be long, and a thousand of them take a second. */
export const mostAtOnce = 200

/** How long one request searches. The next request goes on from there. */
const searchMs = 1_000

export interface FoundPage {
  readonly items: readonly EventSummary[]
  /** Where to go on. */
  readonly cursor?: string
}

/**
 * As many events as are asked for, although a store looks at a limited number of them in one call. If the search takes longer than a second, it returns
 * fewer, with a cursor. Between two calls the process can do other work.
 */
export async function findPage(
  inbox: Inbox,
  filter: ListFilter,
  limit: number,
  cursor: string | undefined,
): Promise<FoundPage> {
  const items: EventSummary[] = []
  const until = performance.now() + searchMs
  let next = cursor
  do {
    const wanted = Math.min(mostAtOnce, limit - items.length)
    const rest = { ...filter, limit: wanted, ...(next !== undefined && { cursor: next }) }
    const page = await inbox.list(rest)
    items.push(...page.items)
    next = page.cursor
    await aTurn()
  } while (next !== undefined && items.length < limit && performance.now() < until)
  return next === undefined ? { items } : { items, cursor: next }
}

/** Waits one turn of the event loop. */
export function aTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
