import type { Clock } from '../../contracts/clock.ts'
import type { JsonObject, WebhookEvent } from '../../contracts/event.ts'
import type { EventRecord } from '../../contracts/inbox/event-record.ts'
import { InvalidEnvelope, type Provider } from '../../contracts/provider/provider.ts'
import type { OrderOptions } from '../../contracts/receiver/order.ts'
import { type Awaitable, isLate, isPromise, whenHere } from '../../time/awaitable.ts'
import { settledWithin } from '../../time/deadlines.ts'
import { describeFailure } from '../describe-failure.ts'
import { openEvent } from '../open-event.ts'

/** The place of an event in an order: the application's own key, and the rank among events of that key. */
interface ApplicationPlace {
  readonly key: string
  readonly rank: number
}

/**
 * Gives the place of an event. Undefined where its order does not matter.
 *
 * @param waitedMs how much of `acceptTimeout` the delivery has used up. Defaults to nothing.
 */
export type PlaceEvent = (
  event: EventRecord,
  payload: JsonObject,
  waitedMs?: number,
) => Awaitable<ApplicationPlace | undefined>

/** How long a schema may take. */
interface Patience {
  withinMs(waitedMs: number): number
  readonly clock: Required<Clock>
}

/** Of a delivery: half of the time that is left, as the inbox needs some to keep the event. */
export function patienceOfDelivery({
  acceptTimeout,
  clock,
}: {
  readonly acceptTimeout: number
  readonly clock: Required<Clock>
}): Patience {
  return { clock, withinMs: (waitedMs) => Math.max(0, acceptTimeout - waitedMs) / 2 }
}

/**
 * Calls the application's `order`. If it fails, that is thrown as {InvalidEnvelope}: the event is then kept unread, and read again when it is
 * redriven.
 *
 * @returns undefined if a receiver has no order.
 */
export function placing(
  provider: Provider,
  order: OrderOptions | undefined,
  { withinMs: patienceMs, clock }: Patience,
): PlaceEvent | undefined {
  if (order === undefined) return undefined
  return (record, payload, waitedMs = 0) => {
    const opening = attempt(uncheckable, () => openEvent(provider, record, payload, notFetched))
    const withinMs = patienceMs(waitedMs)
    const onTimeout = () =>
      new InvalidEnvelope(
        `${uncheckable}: the schema of ${record.type} did not answer within ${Math.round(withinMs)} ms`,
      )
    const opened = isPromise(opening) ? settledWithin(opening, withinMs, clock, { onTimeout }) : opening
    return whenHere(opened, (event) => place(event, order, provider.lifecycle))
  }
}

const uncheckable = "its data can't be checked"

/** Deliveries are answered within milliseconds. */
function notFetched(): never {
  throw new Error("order can't fetch: it runs before the delivery is answered")
}

function place(
  event: WebhookEvent,
  order: OrderOptions,
  lifecycle: Provider['lifecycle'],
): ApplicationPlace | undefined {
  const key: unknown = attempt('order.by threw', () => order.by(event))
  if (key === undefined || key === null) return undefined
  assertAnswered(key, 'order.by')
  if (typeof key !== 'string' || key === '')
    throw new InvalidEnvelope(
      `order.by returned ${described(key)}; it must be a string that is not empty, or undefined for no order`,
    )
  const rank: unknown = order.rank
    ? attempt('order.rank threw', () => order.rank?.(event))
    : (lifecycle.get(event.type) ?? 0)
  assertAnswered(rank, 'order.rank')
  if (!Number.isFinite(rank))
    throw new InvalidEnvelope(`order.rank returned ${described(rank)}; it must be a finite number`)
  return { key, rank: rank as number }
}

function attempt<Result>(trouble: string, step: () => Result): Result {
  try {
    return step()
  } catch (error) {
    const { message } = describeFailure(null, error, 0)
    throw new InvalidEnvelope(`${trouble}: ${message}`)
  }
}

function assertAnswered(answer: unknown, what: string): void {
  if (!isLate(answer)) return
  throw new InvalidEnvelope(
    `${what} returned a promise; it must return synchronously, as the delivery waits for it`,
  )
}

function described(value: unknown): string {
  if (value === '') return 'an empty string'
  return typeof value === 'number' ? String(value) : typeof value
}

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
