import { sha256Hex } from '../../bytes/sha256.ts'
import type { Delivery } from '../../contracts/delivery.ts'
import { Refusal } from '../../contracts/errors.ts'
import type { JsonObject } from '../../contracts/event.ts'
import { type EventRecord, unreadableType } from '../../contracts/inbox/event-record.ts'
import { isInvalidEnvelope, type Provider } from '../../contracts/provider/provider.ts'
import { describeThrown } from '../../contracts/reason-of.ts'
import { type Awaitable, allHere, isPromise, whenHere } from '../../time/awaitable.ts'
import type { VerifiedBody } from '../verify/verify-signature.ts'
import { standInKey } from './event-names.ts'
import { identifyEvent, type Origin, type Part } from './identify-event.ts'
import { type PlaceInOrder, placedEvent } from './placed-event.ts'
import { unreadable, unreadableEvent } from './unreadable-event.ts'

/** What an authentic body says. */
export interface ReadEvent {
  readonly event: EventRecord
  readonly payload: JsonObject
}

/** An authentic body in which no event can be read, with the reason. */
export interface UnreadableEvent {
  readonly event: EventRecord
  readonly refusal: Refusal
  /** Whether the application's own `order` failed. The sender did nothing wrong then. */
  readonly isOfOurs: boolean
}

export type EventReading = ReadEvent | UnreadableEvent

/**
 * The most events in one body of a sender that does not sign. Anybody may send such a body, and an event takes more time to handle than its
 * bytes take to arrive.
 */
const mostEvents = 10_000

/** A signed body may have more. An event has an id and a type: shorter ones are none, but half a million of them would stop the process for minutes. */
const leastBytesOfEvent = 50

/**
 * Splits, parses and identifies: the events of a delivery, in order. It does not throw for anything in a signed body. An authentic event
 * is not lost because of its form, or because of another event in the same body. A body with more events than it can have is one that can't be read.
 *
 * @param placeInOrder of a receiver that has events handled in order.
 * @throws {Refusal} `invalid_payload` for a body with more than 10,000 events of a sender that does not sign.
 */
export function readEvents(
  provider: Provider,
  origin: Origin,
  { rawBody, identity }: Pick<VerifiedBody, 'rawBody' | 'identity'>,
  delivery: Delivery,
  receivedAt: number,
  placeInOrder?: PlaceInOrder,
): Awaitable<readonly EventReading[]> {
  const digest = () => sha256Hex(identity)
  try {
    const parts = partsOf(provider, rawBody, digest)
    return allHere(parts.map((part) => readEvent(provider, origin, part, delivery, receivedAt, placeInOrder)))
  } catch (cause) {
    if (provider.keys === undefined)
      throw new Refusal('invalid_payload', reasonOf(provider, cause), { cause })
    return allHere([unread(provider, origin, { rawBody, digest }, delivery, receivedAt, cause)])
  }
}

/**
 * @param digest of what identifies the body as a whole.
 * @throws {InvalidEnvelope} for more events than a body of this length can have, or of a sender that does not sign may have.
 */
function partsOf(provider: Provider, rawBody: Uint8Array, digest: Part['digest']): readonly Part[] {
  const most = Math.max(mostEvents, provider.keys ? rawBody.length / leastBytesOfEvent : 0)
  const parts = provider.splitBody(rawBody, most)
  return parts.map((part) => ({ rawBody: part, digest: part === rawBody ? digest : () => sha256Hex(part) }))
}

function readEvent(
  provider: Provider,
  origin: Origin,
  part: Part,
  delivery: Delivery,
  receivedAt: number,
  placeInOrder: PlaceInOrder | undefined,
): Awaitable<EventReading> {
  let read: EventRecord | undefined
  const holdUnread = (cause: unknown) => unread(provider, origin, part, delivery, receivedAt, cause, read)
  try {
    const payload = provider.readPayload(part.rawBody)
    const identified = identifyEvent(provider, origin, payload, part, delivery.headers, receivedAt)
    const event = placeInOrder
      ? whenHere(identified, (event) => {
          read = event
          return placedEvent(event, payload, placeInOrder)
        })
      : identified
    return isPromise(event) ? event.then((event) => ({ event, payload }), holdUnread) : { event, payload }
  } catch (cause) {
    return holdUnread(cause)
  }
}

async function unread(
  provider: Provider,
  origin: Origin,
  part: Part,
  delivery: Delivery,
  receivedAt: number,
  cause: unknown,
  read?: EventRecord,
): Promise<UnreadableEvent> {
  const refusal = unreadable(provider, reasonOf(provider, cause), cause)
  const event = await unreadableEvent(provider, origin, part, delivery, receivedAt)
  const key = read?.origin === 'reconciled' ? await keyOfEnd(read) : event.key
  return { event: { ...event, key }, refusal, isOfOurs: read !== undefined }
}

/** A source may write the event of an end anew at each pass, with the time of that. It is still one event. */
async function keyOfEnd({ source, tenant, key, aliases = [key] }: EventRecord): Promise<string> {
  const digest = await sha256Hex(new TextEncoder().encode(aliases.join()))
  return standInKey(source, tenant, `${unreadableType}:${digest}`)
}

/** Why a body can't be read. An {InvalidEnvelope} is quoted; of any other error it is said that the definition threw it. */
function reasonOf({ name }: Provider, cause: unknown): string {
  if (isInvalidEnvelope(cause)) return cause.message
  return `the definition of ${name} threw ${describeThrown(cause)}`
}

/**
 * Reads a body again that could not be read when it arrived. If one of its events still can't be read, none is.
 *
 * @throws {InvalidEnvelope} saying why it still can't be read.
 */
export async function readAnew(
  provider: Provider,
  { source, tenant, origin, trace, id, rawBody, request, receivedAt }: EventRecord,
  placeInOrder?: PlaceInOrder,
): Promise<readonly EventRecord[]> {
  const kept = new Map(Object.entries(request?.headers ?? {}))
  const headers = { get: (name: string) => kept.get(name.toLowerCase()) }
  const read = async (part: Part) => {
    const payload = provider.readPayload(part.rawBody)
    const event = await identifyEvent(
      provider,
      { source, tenant, origin, trace },
      payload,
      part,
      headers,
      receivedAt,
    )
    return placeInOrder ? placedEvent(event, payload, placeInOrder) : event
  }
  return Promise.all(partsOf(provider, rawBody, () => id).map(read)) // what is unreadable has its digest for an id
}
