import { type EventState, eventStates, type Inbox, type ListFilter } from '@hookport/core'
import type { Owner } from './overview.ts'
import { aTurn, mostAtOnce } from './pages.ts'

const minuteMs = 60_000
const minutes = 60
/** Enough to see when something began, and quick to read. */
const mostEvents = 10_000
/** For all states together. */
const searchMs = 1_500

export interface LastHour {
  /** The beginning of the first minute, in milliseconds since 1970. */
  readonly from: number
  /** For each state, how many of the events that were received in each minute are in it now. */
  readonly series: Readonly<Record<EventState, readonly number[]>>
  /** False if there were too many to count in the time: then only the latest of each state are counted. */
  readonly isComplete: boolean
}

/** The events that were received within the last hour, by their state now. Events that were handled and are no longer kept are not included. */
export async function lastHour(inbox: Inbox, owner: Owner, now: number): Promise<LastHour> {
  const from = Math.floor(now / minuteMs + 1) * minuteMs - minutes * minuteMs
  const series = Object.fromEntries(
    eventStates.map((state) => [state, new Array<number>(minutes).fill(0)]),
  ) as Record<EventState, number[]>
  const counts = await inbox.counts(owner)
  const states = eventStates.filter((one) => counts[one] > 0)
  let isComplete = true
  for (const state of states) {
    const asked = { ...owner, state, receivedFrom: from, newestFirst: true, limit: mostAtOnce }
    const count = (at: number) => countIn(series[state], Math.floor((at - from) / minuteMs))
    isComplete = (await countAll(inbox, asked, searchMs / states.length, count)) && isComplete
  }
  return { from, series, isComplete }
}

function countIn(line: number[], minute: number): void {
  if (minute >= 0 && minute < minutes) line[minute] = (line[minute] ?? 0) + 1
}

/**
 * Counts what a filter finds, the latest first, and answers whether that is all. A page may be empty and not the last: a store looks at a limited number
 * of events in one call, and many may be of another owner, or were received before and came to their state lately.
 */
async function countAll(
  inbox: Inbox,
  asked: ListFilter,
  forMs: number,
  count: (receivedAt: number) => void,
): Promise<boolean> {
  const until = performance.now() + forMs
  let left = mostEvents
  let cursor: string | undefined
  do {
    const page = await inbox.list(cursor === undefined ? asked : { ...asked, cursor })
    for (const { receivedAt } of page.items) count(receivedAt)
    left -= page.items.length
    cursor = page.cursor
    if (cursor === undefined) return true
    await aTurn()
  } while (left > 0 && performance.now() < until)
  return false
}
