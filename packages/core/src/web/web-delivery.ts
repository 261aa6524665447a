import { notOfBytes } from '../accept/request/chunk-bytes.ts'
import { tooLarge } from '../accept/request/read-request.ts'
import { requestedUrl } from '../accept/request/requested-url.ts'
import type { Delivery, HeaderReader, ReadingBounds } from '../contracts/delivery.ts'
import { ConfigurationError } from '../contracts/errors.ts'
import { consumed, withheld } from './read-chunk.ts'
import { discardRawStream, readRawStream, refuseRawStream } from './read-raw-stream.ts'
import { readSmallBody } from './read-small-body.ts'

/** What an adapter knows of a request beside the request itself. */
export interface WebDeliveryOptions {
  /** Which line of the application to change, and how. Logged where the body was read before. */
  fixWhenConsumed: string
}

/**
 * Turns a `Request` of the Web into a delivery. Its stream is only created when needed, as that costs more than a small body on some platforms.
 *
 * @throws {ConfigurationError} for anything else, such as the context of a framework.
 */
export function webDelivery(request: Request, { fixWhenConsumed }: WebDeliveryOptions): Delivery {
  assertRequest(request)
  const { method, url, headers } = request
  let isWhole = false
  return {
    method,
    url: requestedUrl(url),
    headers: webHeaders(headers),
    async readBody(maxBytes, bounds) {
      if (isUsed(request)) throw consumed(fixWhenConsumed)
      const bytes = await (readSmallBody(request, fixWhenConsumed, maxBytes, bounds) ??
        readStream(maxBytes, bounds))
      if (bytes.length === 0 && Number(headers.get('content-length')) > 0)
        throw request.body === null ? withheld() : consumed(fixWhenConsumed) // of what was read, some only say that it has ended
      isWhole = true
      return bytes
    },
    async discardRest() {
      if (isWhole) return false
      const { body, bodyUsed } = request
      if (!isStream(body)) return false
      return bodyUsed || body.locked || discardRawStream(body) // a body that another reader has taken may continue
    },
  }

  async function readStream(maxBytes: number, bounds?: ReadingBounds): Promise<Uint8Array> {
    const { body } = request
    if (body === null) return new Uint8Array()
    if (!isStream(body)) throw notOfBytes('another kind')
    if (body.locked) throw consumed(fixWhenConsumed)
    if (Number(headers.get('content-length')) > maxBytes) return refuseRawStream(body, tooLarge(maxBytes))
    return readRawStream(body, maxBytes, bounds?.signal, bounds?.maxBytesInFlight)
  }
}

/** @throws {ConfigurationError} for anything else than a `Request`. */
export function assertRequest(given: unknown): void {
  const { headers, arrayBuffer } = (given ?? {}) as Partial<Request>
  if (typeof headers?.get === 'function' && typeof arrayBuffer === 'function') return
  throw new ConfigurationError(
    'the webhook was called with something that is no Request of the Web: pass on the one that the framework has, such as context.req.raw in Hono; for node:http there is nodeWebhooks',
  )
}

/** srvx 0, on which Elysia runs on Node, throws where it is asked after something has read the body. */
function isUsed(request: Request): boolean {
  try {
    return request.bodyUsed
  } catch {
    return true
  }
}

/** Polyfills have none, or one of Node. */
function isStream(body: ReadableStream | null | undefined): body is ReadableStream<Uint8Array> {
  return typeof body?.getReader === 'function'
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
