import type { Clock } from '../../contracts/clock.ts'
import type { JsonObject } from '../../contracts/event.ts'
import type { EventRecord } from '../../contracts/inbox/event-record.ts'
import type { PlaceEvent } from './placing.ts'

/** Places the events of a delivery. What it waits for a schema counts as time that the delivery has waited. */
export class TimedPlacing<Waiting extends { readonly waitedMs: number }> {
  readonly place: (event: EventRecord, payload: JsonObject) => ReturnType<PlaceEvent>
  readonly #delivery: Waiting
  readonly #clock: Required<Clock>
  readonly #begunAt: number

  constructor(placeInOrder: PlaceEvent, delivery: Waiting, clock: Required<Clock>) {
    this.place = (event, payload) => placeInOrder(event, payload, delivery.waitedMs)
    this.#delivery = delivery
    this.#clock = clock
    this.#begunAt = clock.elapsed()
  }

  /** The delivery, with the time that it has waited since. */
  get delivery(): Waiting {
    const waitedMs = this.#delivery.waitedMs + this.#clock.elapsed() - this.#begunAt
    return { ...this.#delivery, waitedMs }
  }
}
