import type { JsonObject } from '../../contracts/event.ts'
import type { EventRecord } from '../../contracts/inbox/event-record.ts'
import { type Awaitable, whenHere } from '../../time/awaitable.ts'
import { eventKey } from './event-names.ts'

/** Says among which events of its source and tenant an event has its place in an order, and with what rank. Undefined where order does not matter. */
export type PlaceInOrder = (
  event: EventRecord,
  payload: JsonObject,
) => Awaitable<{ readonly key: string; readonly rank: number } | undefined>

/** The event with its place. Its key is made as that of an event is: no two sources or tenants share one, and any store can hold it. */
export function placedEvent(
  event: EventRecord,
  payload: JsonObject,
  placeInOrder: PlaceInOrder,
): Awaitable<EventRecord> {
  return whenHere(placeInOrder(event, payload), (place) => {
    if (place === undefined) return event
    const { key, rank } = place
    return whenHere(eventKey(event.source, event.tenant, key), (orderKey) => ({
      ...event,
      orderKey,
      ...(rank !== 0 && { orderRank: rank }),
    }))
  })
}
