import { tooLarge } from '../accept/read-body.ts'
import { requestedUrl } from '../accept/requested-url.ts'
import type { Delivery } from '../contracts/delivery.ts'
import { Refusal } from '../contracts/errors.ts'
import { discardRawStream, readRawStream, refuseRawStream } from './read-raw-stream.ts'

export interface WebDeliveryOptions {
  /** For the log where the body was read before: which line of the application to change, and how. */
  fixWhenConsumed: string
}

/** A `Request` of the Web as a delivery. */
export function webDelivery(request: Request, { fixWhenConsumed }: WebDeliveryOptions): Delivery {
  const { method, url, headers } = request
  let isWhole = false
  return {
    method,
    url: requestedUrl(url),
    headers,
    readBody(maxBytes, bounds) {
      if (request.bodyUsed || request.body?.locked) {
        throw new Refusal(
          'misconfigured',
          'the body was read before hookport could, and its bytes are gone',
          {
            fix: fixWhenConsumed,
          },
        )
      }
      if (!request.body) return new Uint8Array()
      if (Number(headers.get('content-length')) > maxBytes)
        return refuseRawStream(request.body, tooLarge(maxBytes))
      const reading = readRawStream(request.body, maxBytes, bounds?.signal, bounds?.maxBytesInFlight)
      return reading.then((bytes) => {
        isWhole = true
        return bytes
      })
    },
    async discardRest() {
      const { body, bodyUsed } = request
      if (body === null || isWhole) return false
      return bodyUsed || body.locked || discardRawStream(body) // what another reader has taken may go on
    },
  }
}
