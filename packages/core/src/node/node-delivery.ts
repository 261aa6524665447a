import type { IncomingMessage } from 'node:http'
import { requestedUrl } from '../accept/requested-url.ts'
import type { Delivery, HeaderReader } from '../contracts/delivery.ts'
import { Refusal } from '../contracts/errors.ts'
import type { Logger } from '../contracts/logger.ts'
import { type LeftBody, leftBody } from './left-body.ts'
import { readRawBody } from './read-raw-body.ts'

export interface NodeDeliveryOptions {
  /**
   * What the platform, or a parser mounted earlier, has left of the body. A text is used only where the stream was read, and counts as
   * its UTF-8 encoding: the signature tells whether that is what was sent. Defaults to `rawBody` or `body` of the request.
   */
  rawBody?: LeftBody | undefined
  /** For the log where the stream was read and no raw body is left: which line of the application to change, and how. */
  fixWhenConsumed: string
  /** Path and query as the client sent them. Defaults to the request's `originalUrl`, or else its `url`. */
  url?: string | undefined
  /** A limit of the framework's own, in bytes. The smaller of it and the receiver's holds. Defaults to none. */
  maxBytes?: number | undefined
  /** For lines about this delivery. Defaults to the receiver's. */
  logger?: Logger | undefined
}

/** A request of Node's as a delivery. */
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
    fixOnMismatch:
      typeof left === 'string' && request.readableDidRead
        ? `something read the body and left a text, which may not be what was sent: ${fixWhenConsumed}`
        : undefined,
    readBody(receiverMaxBytes, bounds) {
      if (left instanceof Uint8Array) return left
      if (isUnread(request))
        return readRawBody(request, Math.min(maxBytes, receiverMaxBytes), bounds?.maxBytesInFlight)
      if (left !== undefined) return Buffer.from(left)
      if (endedEmpty(request)) return new Uint8Array()
      throw new Refusal('misconfigured', 'the body was read before hookport could, and its bytes are gone', {
        fix: fixWhenConsumed,
      })
    },
  }
}

/** Whether the whole body is still to come from the stream. One that has ended never says so again. */
function isUnread({ readableDidRead, readableEnded }: IncomingMessage): boolean {
  return !readableDidRead && !readableEnded
}

/** Something waited for the end of a body that has no bytes. */
function endedEmpty({ readableDidRead, headers }: IncomingMessage): boolean {
  const announced = headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0
  return !readableDidRead && !announced
}

/** A repeated header reads as its values joined by commas, which is no valid signature. */
function nodeHeaders({ headers }: IncomingMessage): HeaderReader {
  return { get: (name) => headers[name]?.toString() }
}
