import { type EventState, eventStates, type Inbox } from '@hookport/core'
import type { Owner } from './overview.ts'

const minuteMs = 60_000
const minutes = 60
/** Enough to see when something began, and quick to read. */
const mostEvents = 10_000
const pageSize = 500
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
  const until = performance.now() + searchMs
  const counts = await inbox.counts(owner)
  let isComplete = true
  for (const state of eventStates.filter((one) => counts[one] > 0)) {
    let left = mostEvents
    for await (const times of receivedSince(inbox, { ...owner, state }, from)) {
      for (const at of times) countIn(series[state], Math.floor((at - from) / minuteMs))
      left -= times.length
      if (left > 0 && performance.now() < until) continue
      isComplete = false
      break
    }
  }
  return { from, series, isComplete }
}

function countIn(line: number[], minute: number): void {
  if (minute >= 0 && minute < minutes) line[minute] = (line[minute] ?? 0) + 1
}

/** Pages of times, the latest first. An empty page is the end: all events after it are older. */
async function* receivedSince(
  inbox: Inbox,
  filter: Owner & { state: EventState },
  receivedFrom: number,
): AsyncGenerator<readonly number[]> {
  let cursor: string | undefined
  do {
    const asked = { ...filter, receivedFrom, newestFirst: true, limit: pageSize }
    const page = await inbox.list(cursor === undefined ? asked : { ...asked, cursor })
    if (page.items.length === 0) return
    yield page.items.map(({ receivedAt }) => receivedAt)
    cursor = page.cursor
  } while (cursor !== undefined)
}
