import type { EventRecord, EventState, NewestHandled } from '@hookport/core'
import type { Row } from './event-row.ts'

interface Legacy {
  readonly newest: NewestHandled
  readonly rememberMs: number
}

export function isInLine(state: EventState): boolean {
  return state === 'pending' || state === 'scheduled' || state === 'active'
}

/** Whether a row holds its order key, or nothing holds it and the row is first of those of its source that wait. */
export function isInTurn(row: Row, ofSource: readonly Row[]): boolean {
  const { orderKey } = row.event
  if (orderKey === undefined || row.hasBegun) return true
  const line = ofSource.filter(({ event, state }) => event.orderKey === orderKey && isInLine(state))
  if (line.some(({ hasBegun }) => hasBegun)) return false
  return !line.some((other) => compareRows(other, row) < 0)
}

/** The newest handled event of each order key, kept for its time. */
export class NewestOfKeys {
  readonly #kept = new Map<string, { readonly newest: NewestHandled; readonly until: number }>()

  of(event: EventRecord, now: number): NewestHandled | undefined {
    const kept = this.#kept.get(lineOf(event))
    return kept && kept.until > now ? kept.newest : undefined
  }

  keep(event: EventRecord, { newest, rememberMs }: Legacy, now: number): void {
    this.#kept.set(lineOf(event), { newest, until: now + rememberMs })
  }
}

function lineOf({ source, orderKey }: EventRecord): string {
  return `${source}:${orderKey}`
}

function compareRows(one: Row, other: Row): number {
  const [first, second] = [one.event, other.event]
  const byRank = (first.orderRank ?? 0) - (second.orderRank ?? 0)
  return first.createdAt - second.createdAt || byRank || one.sequence - other.sequence
}
