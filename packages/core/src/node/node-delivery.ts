import type { IncomingMessage } from 'node:http'
import type { Delivery, HeaderReader } from '../delivery.ts'
import { Refusal } from '../errors.ts'
import { readRawBody } from './read-raw-body.ts'

export interface NodeDeliveryOptions {
  /** The raw body, where the platform or a parser mounted earlier has read it. Defaults to reading the stream. */
  rawBody?: Uint8Array | undefined
  /** For the log where the stream was read and no raw body is left: which line of the application to change, and how. */
  fixWhenConsumed: string
}

/** A request of Node's as a delivery. */
export function nodeDelivery(
  request: IncomingMessage,
  { rawBody, fixWhenConsumed }: NodeDeliveryOptions,
): Delivery {
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    headers: nodeHeaders(request),
    readBody(maxBytes) {
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
      return readRawBody(request, maxBytes)
    },
  }
}

/** A repeated header reads as its values joined by commas, which is no valid signature. */
function nodeHeaders({ headers }: IncomingMessage): HeaderReader {
  return { get: (name) => headers[name]?.toString() }
}
