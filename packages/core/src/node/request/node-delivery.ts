import type { IncomingMessage } from 'node:http'
import { requestedUrl } from '../../accept/request/requested-url.ts'
import type { Delivery, HeaderReader } from '../../contracts/delivery.ts'
import { Refusal } from '../../contracts/errors.ts'
import type { Logger } from '../../contracts/logger.ts'
import { nextTurn } from '../../time/soon.ts'
import { announcesBody, closeGently, isStillComing } from './close-gently.ts'
import { type LeftBody, leftBody } from './left-body.ts'
import { readRawBody } from './read-raw-body.ts'

/** What an adapter knows of a request beside the request itself. */
export interface NodeDeliveryOptions {
  /**
   * What the platform, or a parser mounted earlier, has left of the body. A string is encoded as UTF-8. A string, or no bytes at all, is not
   * used where the request is a stream of Node of which nothing was read.
   * The signature shows whether that is what was sent. Defaults to `rawBody` or `body` of the request.
   */
  rawBody?: LeftBody | undefined
  /** Which line of the application to change, and how. Logged where the stream was read and no raw body is left. */
  fixWhenConsumed: string
  /** Path and query as the client sent them. Defaults to the request's `originalUrl`, or else its `url`. */
  url?: string | undefined
  /** A limit of the framework, in bytes. The smaller of it and the receiver's limit applies. Defaults to none. */
  maxBytes?: number | undefined
  /** For lines about this delivery. Defaults to the receiver's. */
  logger?: Logger | undefined
}

/** Turns a request of Node into a delivery. */
export function nodeDelivery(
  request: IncomingMessage & { readonly originalUrl?: string },
  { rawBody, fixWhenConsumed, url, maxBytes = Number.POSITIVE_INFINITY, logger }: NodeDeliveryOptions,
): Delivery {
  const left = rawBody ?? leftBody(request)
  return {
    method: request.method ?? '',
    url: requestedUrl(url ?? request.originalUrl ?? request.url ?? ''),
    headers: nodeHeaders(request),
    logger,
    fixOnMismatch: request.readableDidRead ? fixOfTouched(request, left, fixWhenConsumed) : undefined,
    readBody(receiverMaxBytes, bounds) {
      if (left instanceof Uint8Array && left.length > 0) return left
      // Nothing, or a text that may be another than was sent: the stream is better, where it was not read.
      if (left !== undefined && !(request.readableDidRead === false && isUnread(request)))
        return Buffer.from(left)
      const limit = Math.min(maxBytes, receiverMaxBytes)
      if (isUnread(request)) return readRawBody(request, limit, bounds?.maxBytesInFlight, bounds?.signal)
      if (endedEmpty(request)) return new Uint8Array()
      if (request.readableLength === 0 || request.destroyed) throw consumed(request, fixWhenConsumed)
      return readRawBody(request, limit, bounds?.maxBytesInFlight, bounds?.signal).then((bytes) => {
        if (!isWhole(bytes, request)) throw consumed(request, fixWhenConsumed)
        return bytes
      })
    },
    async discardRest() {
      if (isStillComing(request)) await nextTurn() // Node parses the body after the head: a short body that came with it is complete by then
      return closeGently(request)
    },
  }
}

/** For the log where the signature does not match: what is known of a body that something else has read before. */
function fixOfTouched(
  { readableLength }: IncomingMessage,
  left: LeftBody | undefined,
  fix: string,
): string | undefined {
  if (typeof left === 'string')
    return `something read the body and left a text, which may not be what was sent: ${fix}`
  if (left !== undefined || readableLength === 0) return undefined
  return `something read part of the body, and may not have put all of it back: ${fix}`
}

function consumed(request: IncomingMessage & { readonly _dumped?: boolean }, fix: string): Refusal {
  if (request._dumped)
    return new Refusal(
      'misconfigured',
      'something has answered the request before hookport could, and Node discards a body then',
      {
        fix: 'find what answers on this path before the webhook, such as a timeout, and keep it away from it',
      },
    )
  return new Refusal('misconfigured', 'the body was read before hookport could, and its bytes are gone', {
    fix,
  })
}

/** Whether all that was read was put back. For a body that does not announce its length, the signature shows it. */
function isWhole({ length }: Uint8Array, { headers }: IncomingMessage): boolean {
  const announced = headers['content-length']
  return announced === undefined || Number(announced) === length
}

/** Whether the whole body is still to come from the stream. A stream that has ended will not say so again. */
function isUnread({ readableDidRead, readableEnded }: IncomingMessage): boolean {
  return !readableDidRead && !readableEnded
}

/** Something waited for the end of a body that has no bytes. */
function endedEmpty({ readableDidRead, headers }: IncomingMessage): boolean {
  return !readableDidRead && !announcesBody(headers)
}

/** As `Headers` of the Web: names in any case, and a repeated header reads as its values joined by commas, which is not a valid signature. */
function nodeHeaders({ headers }: IncomingMessage): HeaderReader {
  return { get: (name) => (headers[name] ?? headers[name.toLowerCase()])?.toString() }
}
