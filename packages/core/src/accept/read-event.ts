import type { Delivery } from '../contracts/delivery.ts'
import { Refusal } from '../contracts/errors.ts'
import type { JsonObject } from '../contracts/event.ts'
import type { EventRecord } from '../contracts/event-record.ts'
import type { Provider } from '../contracts/provider.ts'
import { identifyEvent, type Origin } from './identify-event.ts'
import { unreadableEvent } from './unreadable-event.ts'

/** What an authentic body says. */
export interface ReadEvent {
  readonly event: EventRecord
  readonly payload: JsonObject
}

/** An authentic body that no event can be read out of, with the reason. */
export interface UnreadableEvent {
  readonly event: EventRecord
  readonly refusal: Refusal
}

export type EventReading = ReadEvent | UnreadableEvent

/**
 * Splits, parses and identifies: the events of a delivery, in order. Nothing that a body holds makes it throw: what is authentic is not
 * lost for its form, nor for that of a neighbour in the same body.
 */
export function readEvents(
  provider: Provider,
  origin: Origin,
  rawBody: Uint8Array,
  delivery: Delivery,
  receivedAt: number,
): Promise<readonly EventReading[]> {
  const parts = provider.splitBody(rawBody)
  return Promise.all(parts.map((part) => readEvent(provider, origin, part, delivery, receivedAt)))
}

async function readEvent(
  provider: Provider,
  origin: Origin,
  rawBody: Uint8Array,
  delivery: Delivery,
  receivedAt: number,
): Promise<EventReading> {
  try {
    const payload = provider.readPayload(rawBody)
    return {
      event: await identifyEvent(provider, origin, payload, rawBody, delivery.headers, receivedAt),
      payload,
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const refusal = new Refusal('invalid_payload', `the body is authentic, but ${reason}`, { cause })
    return { event: await unreadableEvent(provider, origin, rawBody, delivery, receivedAt), refusal }
  }
}

/**
 * Reads anew what could not be read when it came: the events that the definition finds in it by now. As a whole: where one of them can't be
 * read, none is.
 *
 * @throws {InvalidEnvelope} saying why it still can't be read.
 */
export function readAnew(
  provider: Provider,
  { source, tenant, rawBody, request, receivedAt }: EventRecord,
): Promise<readonly EventRecord[]> {
  const kept = new Map(Object.entries(request?.headers ?? {}))
  const headers = { get: (name: string) => kept.get(name.toLowerCase()) }
  const read = async (part: Uint8Array) =>
    identifyEvent(provider, { source, tenant }, provider.readPayload(part), part, headers, receivedAt)
  return Promise.all(provider.splitBody(rawBody).map(read))
}
