import type { Delivery } from '../contracts/delivery.ts'
import { Refusal } from '../contracts/errors.ts'
import type { JsonObject } from '../contracts/event.ts'
import type { EventRecord } from '../contracts/event-record.ts'
import type { Provider } from '../contracts/provider.ts'
import { identifyEvent, type Origin } from './identify-event.ts'
import { parsePayload } from './parse-payload.ts'
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

/** Parses and identifies. Nothing that a body holds makes it throw: what is authentic is not lost for its form. */
export async function readEvent(
  provider: Provider,
  origin: Origin,
  rawBody: Uint8Array,
  delivery: Delivery,
  receivedAt: number,
): Promise<ReadEvent | UnreadableEvent> {
  try {
    const payload = parsePayload(rawBody)
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
 * Reads an event anew that could not be read when it came.
 *
 * @throws {InvalidEnvelope} saying why it still can't be.
 */
export async function readAnew(
  provider: Provider,
  { source, tenant, rawBody, request, receivedAt }: EventRecord,
): Promise<EventRecord> {
  const kept = new Map(Object.entries(request?.headers ?? {}))
  const headers = { get: (name: string) => kept.get(name.toLowerCase()) }
  return identifyEvent(provider, { source, tenant }, parsePayload(rawBody), rawBody, headers, receivedAt)
}
