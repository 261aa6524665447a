import { crc32 } from '../bytes/crc32.ts'
import { sha256Hex } from '../bytes/sha256.ts'
import type { HeaderReader } from '../contracts/delivery.ts'
import { Refusal } from '../contracts/errors.ts'
import type { JsonObject } from '../contracts/event.ts'
import type { EventRecord } from '../contracts/inbox.ts'
import { type Envelope, InvalidEnvelope, type Provider } from '../contracts/provider.ts'
import { eventKey } from './event-key.ts'

/** Who an authentic event is: the record that the inbox takes on. */
export async function identifyEvent(
  provider: Provider,
  payload: JsonObject,
  rawBody: Uint8Array,
  headers: HeaderReader,
  receivedAt: number,
): Promise<EventRecord> {
  const { id: givenId, type, createdAt } = readEnvelope(provider, payload, headers)
  const id = givenId ?? `sha256:${await sha256Hex(rawBody)}` // stands in for the id of an event that has none
  return {
    key: await eventKey(provider.name, id),
    provider: provider.name,
    id,
    type,
    createdAt: createdAt?.getTime() ?? receivedAt,
    receivedAt,
    rawBody,
    fingerprint: crc32(rawBody),
  }
}

function readEnvelope(provider: Provider, payload: JsonObject, headers: HeaderReader): Envelope {
  try {
    return checkedEnvelope(provider.readEnvelope(payload, headers))
  } catch (cause) {
    if (!(cause instanceof InvalidEnvelope)) throw cause
    throw new Refusal('invalid_payload', `the body is authentic, but ${cause.message}`, { cause })
  }
}

/** Guards against a provider that hands on what the sender left out: the type checker can't see into a payload. */
function checkedEnvelope(envelope: Envelope): Envelope {
  const { id, type, createdAt } = envelope
  if (typeof type !== 'string' || type === '') throw new InvalidEnvelope('it has no type')
  if (id !== undefined && (typeof id !== 'string' || id === ''))
    throw new InvalidEnvelope('its id is no text')
  if (createdAt !== undefined && Number.isNaN(createdAt.getTime()))
    throw new InvalidEnvelope('its time is not readable')
  return envelope
}
