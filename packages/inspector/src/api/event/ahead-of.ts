import type { EventState, EventSummary, Inbox } from '@hookport/core'
import { findPage } from '../pages.ts'

/** An event that is handled before another one of its order key. */
type Ahead = Pick<EventSummary, 'key' | 'id' | 'type' | 'state' | 'dueAt'>

export interface AheadOf {
  /** The next one first. */
  readonly events: readonly Ahead[]
  /** False where there may be more: too many events wait to look through all. */
  readonly isComplete: boolean
}

/** For each state. An open page asks again whenever the counts change. */
const mostEvents = 1_000
const mostShown = 20

/** Those that were handed out hold the key, also while they wait for their next attempt. */
const holding: readonly EventState[] = ['active', 'scheduled']

/** The events of its order key that a waiting event waits for. Undefined where it waits for none. */
export async function aheadOf(event: EventSummary, inbox: Inbox): Promise<AheadOf | undefined> {
  const { source, orderKey, state } = event
  if (orderKey === undefined || state !== 'pending') return undefined
  const pages = await Promise.all(
    [...holding, state].map((state) => findPage(inbox, { source, state }, mostEvents, undefined)),
  )
  const line = pages
    .flatMap(({ items }) => items)
    .filter((other) => other.orderKey === orderKey)
    .sort(inOrder) // of those that are alike, the store lists the one first that was taken on first
  const place = line.findIndex(({ key }) => key === event.key)
  const events = place === -1 ? line.filter((other) => inOrder(other, event) < 0) : line.slice(0, place)
  const isComplete = events.length <= mostShown && pages.every(({ cursor }) => cursor === undefined)
  return { events: events.slice(0, mostShown).map(shown), isComplete }
}

function inOrder(one: EventSummary, other: EventSummary): number {
  return (
    Number(isHolding(other)) - Number(isHolding(one)) ||
    one.createdAt - other.createdAt ||
    (one.orderRank ?? 0) - (other.orderRank ?? 0)
  )
}

function isHolding({ state }: EventSummary): boolean {
  return holding.includes(state)
}

function shown({ key, id, type, state, dueAt }: EventSummary): Ahead {
  return { key, id, type, state, dueAt }
}
