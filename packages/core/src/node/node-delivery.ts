import type { IncomingMessage } from 'node:http'
import type { Delivery, HeaderReader } from '../contracts/delivery.ts'
import { Refusal } from '../contracts/errors.ts'
import type { Logger } from '../contracts/logger.ts'
import { readRawBody } from './read-raw-body.ts'

export interface NodeDeliveryOptions {
  /** The raw body, where the platform or a parser mounted earlier has read it. Defaults to reading the stream. */
  rawBody?: Uint8Array | undefined
  /** For the log where the stream was read and no raw body is left: which line of the application to change, and how. */
  fixWhenConsumed: string
  /** A limit of the framework's own, in bytes. The smaller of it and the receiver's holds. Defaults to none. */
  maxBytes?: number | undefined
  /** For lines about this delivery. Defaults to the receiver's. */
  logger?: Logger | undefined
}

/** A request of Node's as a delivery. */
export function nodeDelivery(
  request: IncomingMessage,
  { rawBody, fixWhenConsumed, maxBytes = Number.POSITIVE_INFINITY, logger }: NodeDeliveryOptions,
): Delivery {
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    headers: nodeHeaders(request),
    logger,
    readBody(receiverMaxBytes, bounds) {
      if (rawBody !== undefined) return rawBody
      if (request.readableDidRead) {
        throw new Refusal(
          'misconfigured',
          'the body was read before hookport could, and its bytes are gone',
          {
            fix: fixWhenConsumed,
          },
        )
      }
      return readRawBody(request, Math.min(maxBytes, receiverMaxBytes), bounds?.maxBytesInFlight)
    },
  }
}

/** A repeated header reads as its values joined by commas, which is no valid signature. */
function nodeHeaders({ headers }: IncomingMessage): HeaderReader {
  return { get: (name) => headers[name]?.toString() }
}
