import { crc32 } from '../../bytes/crc32.ts'
import type { Delivery, HeaderReader } from '../../contracts/delivery.ts'
import { Refusal } from '../../contracts/errors.ts'
import type { JsonObject } from '../../contracts/event.ts'
import { type EventRecord, type KeptRequest, unreadableType } from '../../contracts/inbox/event-record.ts'
import type { Provider } from '../../contracts/provider/provider.ts'
import { standInKey } from './event-names.ts'
import type { Origin, Part } from './identify-event.ts'

/** The record of an authentic body that no event could be read out of, under its digest, with what a later reading needs. */
export async function unreadableEvent(
  provider: Provider,
  { source, tenant, origin = 'delivery', trace }: Origin,
  part: Part,
  delivery: Delivery,
  receivedAt: number,
): Promise<EventRecord> {
  const { rawBody } = part
  const digest = await part.digest()
  return {
    key: await standInKey(source, tenant, `${unreadableType}:${digest}`),
    source,
    tenant,
    id: digest,
    type: unreadableType,
    createdAt: receivedAt,
    receivedAt,
    rawBody,
    fingerprint: crc32(rawBody),
    origin,
    request: requestReadBy(provider, rawBody, delivery),
    unreadable: true,
    ...(trace && { trace }),
  }
}

/** The headers that a definition asks for, found out by having it read. */
function requestReadBy(
  provider: Provider,
  rawBody: Uint8Array,
  { method, url, headers }: Delivery,
): KeptRequest {
  const read: Record<string, string> = {}
  const noting: HeaderReader = {
    get(name) {
      const value = headers.get(name)
      if (value !== null && value !== undefined) read[name.toLowerCase()] = value
      return value
    },
  }
  attempt(() => provider.readSignature(noting, { method, url }))
  let payload: JsonObject = {} // what of the headers is read of an envelope may be read before the body
  attempt(() => {
    payload = provider.readPayload(rawBody)
  })
  attempt(() => provider.readEnvelope(payload, noting))
  return { url, headers: read }
}

function attempt(step: () => unknown): void {
  try {
    step()
  } catch {
    // It is known to be unreadable. How far it comes is what is noted.
  }
}

/** Why a body is refused, or kept as unreadable. */
export function unreadable({ keys }: Pick<Provider, 'keys'>, reason: string, cause: unknown): Refusal {
  const body = keys ? 'the body is authentic, but' : 'the body is of a sender that does not sign, and'
  return new Refusal('invalid_payload', `${body} ${reason}`, { cause })
}
