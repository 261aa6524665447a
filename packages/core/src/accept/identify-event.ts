import { crc32 } from '../bytes/crc32.ts'
import { sha256Hex } from '../bytes/sha256.ts'
import type { HeaderReader } from '../contracts/delivery.ts'
import type { JsonObject } from '../contracts/event.ts'
import type { EventRecord } from '../contracts/event-record.ts'
import { type Envelope, InvalidEnvelope, type Provider } from '../contracts/provider.ts'
import { eventKey } from './event-key.ts'

/** Whose event it is. */
export interface Origin {
  /** Name of the receiver. */
  readonly source: string
  readonly tenant: string | undefined
}

/**
 * Who an authentic event is: the record that the inbox takes on.
 *
 * @throws {InvalidEnvelope} where it has no type, or an id or a time that can't be one.
 */
export async function identifyEvent(
  provider: Provider,
  { source, tenant }: Origin,
  payload: JsonObject,
  rawBody: Uint8Array,
  headers: HeaderReader,
  receivedAt: number,
): Promise<EventRecord> {
  const {
    id = await digestOf(rawBody),
    type,
    createdAt,
  } = checkedEnvelope(provider.readEnvelope(payload, headers))
  return {
    key: await eventKey(source, tenant, id),
    source,
    tenant,
    id,
    type,
    createdAt: createdAt?.getTime() ?? receivedAt,
    receivedAt,
    rawBody,
    fingerprint: crc32(rawBody),
    origin: 'delivery',
  }
}

/** Stands in for the id of an event that has none. */
async function digestOf(rawBody: Uint8Array): Promise<string> {
  return `sha256:${await sha256Hex(rawBody)}`
}

/** Guards against a provider that hands on what the sender left out: the type checker can't see into a payload. */
function checkedEnvelope(envelope: Envelope): Envelope {
  const { id, type, createdAt } = envelope
  if (typeof type !== 'string' || type === '') throw new InvalidEnvelope('it has no type')
  if (id !== undefined && (typeof id !== 'string' || id === ''))
    throw new InvalidEnvelope('its id is not a string')
  if (createdAt !== undefined && Number.isNaN(createdAt.getTime()))
    throw new InvalidEnvelope('its time is not readable')
  return envelope
}
