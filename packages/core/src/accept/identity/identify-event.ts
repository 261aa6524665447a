import { crc32 } from '../../bytes/crc32.ts'
import type { HeaderReader } from '../../contracts/delivery.ts'
import type { JsonObject } from '../../contracts/event.ts'
import type { EventOrigin, EventRecord, TraceContext } from '../../contracts/inbox/event-record.ts'
import { type Envelope, InvalidEnvelope, type Provider } from '../../contracts/provider/provider.ts'
import { type Awaitable, isPromise, whenHere } from '../../time/awaitable.ts'
import { aliasesOf, eventKey, standInKey } from './event-names.ts'

/** Whose event it is. */
export interface Origin {
  /** Name of the receiver. */
  readonly source: string
  readonly tenant: string | undefined
  /** How it came. Defaults to `delivery`. */
  readonly origin?: EventOrigin
  /** The trace context that an instrument asks to keep with the event. */
  readonly trace?: TraceContext | undefined
}

/** The part of an authentic body that belongs to one event. */
export interface Part {
  readonly rawBody: Uint8Array
  /** The SHA-256, in hex, of what identifies the event where it has no id. */
  digest(): Awaitable<string>
}

/**
 * Who an authentic event is: the record that the inbox takes on.
 *
 * @throws {InvalidEnvelope} where it has no type, or an id or a time that can't be one.
 */
export function identifyEvent(
  provider: Provider,
  { source, tenant, origin = 'delivery', trace }: Origin,
  payload: JsonObject,
  { rawBody, digest }: Part,
  headers: HeaderReader,
  receivedAt: number,
): Awaitable<EventRecord> {
  const { id, type, createdAt, subject } = checkedEnvelope(provider.readEnvelope(payload, headers))
  const recordOf = (id: string, key: string, aliases?: readonly string[]): EventRecord => ({
    key,
    source,
    tenant,
    id,
    type,
    createdAt: createdAt?.getTime() ?? receivedAt,
    receivedAt,
    rawBody,
    fingerprint: crc32(rawBody),
    origin,
    aliases,
    trace,
  })
  const aliases = aliasesOf(provider.endings, { source, tenant }, type, subject)
  if (id !== undefined) return namedRecord(recordOf, id, eventKey(source, tenant, id), aliases)
  return whenHere(digest(), (digest) => {
    const standIn = `sha256:${digest}` as const
    return namedRecord(recordOf, standIn, standInKey(source, tenant, standIn), aliases)
  })
}

function namedRecord(
  recordOf: (id: string, key: string, aliases?: readonly string[]) => EventRecord,
  id: string,
  key: Awaitable<string>,
  aliases: Awaitable<readonly string[]> | undefined,
): Awaitable<EventRecord> {
  if (typeof key === 'string' && !isPromise(aliases)) return recordOf(id, key, aliases)
  return Promise.all([key, aliases]).then(([key, aliases]) => recordOf(id, key, aliases))
}

/** Guards against a provider that hands on what the sender left out: the type checker can't see into a payload. */
function checkedEnvelope(envelope: Envelope | undefined): Envelope {
  if (typeof envelope !== 'object' || envelope === null)
    throw new InvalidEnvelope(`readEnvelope returned ${envelope === null ? 'null' : typeof envelope}`)
  const { id, type, createdAt } = envelope
  if (typeof type !== 'string' || type === '') throw new InvalidEnvelope('it has no type')
  if (id !== undefined && (typeof id !== 'string' || id === ''))
    throw new InvalidEnvelope('its id is not a string')
  if (createdAt !== undefined && typeof createdAt?.getTime !== 'function')
    throw new InvalidEnvelope('its time is not a Date')
  if (createdAt !== undefined && Number.isNaN(createdAt.getTime()))
    throw new InvalidEnvelope('its time is not readable')
  return envelope
}
