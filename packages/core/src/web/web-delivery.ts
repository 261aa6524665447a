import { tooLarge } from '../accept/request/read-body.ts'
import { requestedUrl } from '../accept/request/requested-url.ts'
import type { Delivery, HeaderReader, ReadingBounds } from '../contracts/delivery.ts'
import { consumed } from './consumed.ts'
import { discardRawStream, readRawStream, refuseRawStream } from './read-raw-stream.ts'
import { readSmallBody } from './read-small-body.ts'

/** What an adapter knows of a request beside the request itself. */
export interface WebDeliveryOptions {
  /** Which line of the application to change, and how. Logged where the body was read before. */
  fixWhenConsumed: string
}

/** Turns a `Request` of the Web into a delivery. Its stream is only created when needed, as that costs more than a small body on some platforms. */
export function webDelivery(request: Request, { fixWhenConsumed }: WebDeliveryOptions): Delivery {
  const { method, url, headers } = request
  let isWhole = false
  return {
    method,
    url: requestedUrl(url),
    headers: webHeaders(headers),
    async readBody(maxBytes, bounds) {
      if (request.bodyUsed) throw consumed(fixWhenConsumed)
      const bytes = await (readSmallBody(request, fixWhenConsumed, maxBytes, bounds?.maxBytesInFlight) ??
        readStream(maxBytes, bounds))
      isWhole = true
      return bytes
    },
    async discardRest() {
      if (isWhole) return false
      const { body, bodyUsed } = request
      if (body === null) return false
      return bodyUsed || body.locked || discardRawStream(body) // a body that another reader has taken may continue
    },
  }

  async function readStream(maxBytes: number, bounds?: ReadingBounds): Promise<Uint8Array> {
    const { body } = request
    if (body === null) return new Uint8Array()
    if (body.locked) throw consumed(fixWhenConsumed)
    if (Number(headers.get('content-length')) > maxBytes) return refuseRawStream(body, tooLarge(maxBytes))
    return readRawStream(body, maxBytes, bounds?.signal, bounds?.maxBytesInFlight)
  }
}

/**
 * A `Headers` object throws for a name that no header can have, such as one with a space. On Node such a header is just missing.
 */
function webHeaders(headers: Headers): HeaderReader & { keys(): Iterable<string> } {
  return {
    get(name) {
      try {
        return headers.get(name)
      } catch {
        return undefined
      }
    },
    keys: () => headers.keys(), // the doctor searches all of them
  }
}
