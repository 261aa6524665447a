import type { Delivery, ReadingBounds } from '../contracts/delivery.ts'
import { Refusal } from '../contracts/errors.ts'
import type { Deadlines } from '../time/deadlines.ts'
import { LazyAbort } from '../time/lazy-abort.ts'
import { settledWithin } from '../time/settled-within.ts'
import { type Awaitable, isPromise } from '../time/when-ready.ts'

export interface BodyLimits {
  readonly maxBodyBytes: number
  /** Of all bodies in this process. */
  readonly maxBytesInFlight: number
  /** By which a body has to be complete. */
  readonly bodyDeadlines: Deadlines
}

/** The bytes of the body. Does not rely on the reader to heed the signal: the reply is due whether or not it does. */
export function readBody(
  delivery: Delivery,
  { maxBodyBytes, maxBytesInFlight, bodyDeadlines }: BodyLimits,
): Awaitable<Uint8Array> {
  const bounds = new Bounds(maxBytesInFlight)
  const body = delivery.readBody(maxBodyBytes, bounds)
  if (!isPromise(body)) return body
  return settledWithin(body, bodyDeadlines, {
    onTimeout() {
      const refusal = tooSlow(bodyDeadlines.lengthMs)
      bounds.abort(refusal)
      return refusal
    },
  })
}

class Bounds extends LazyAbort implements ReadingBounds {
  readonly maxBytesInFlight: number

  constructor(maxBytesInFlight: number) {
    super()
    this.maxBytesInFlight = maxBytesInFlight
  }
}

/** Bodies are bounded here too, for adapters that were handed one that someone else has read. */
export function checkBodySize({ length }: Uint8Array, { maxBodyBytes }: BodyLimits): void {
  if (length > maxBodyBytes) throw tooLarge(maxBodyBytes)
}

/** What a body reader throws as soon as it has seen more than `maxBytes`. */
export function tooLarge(maxBytes: number): Refusal {
  return new Refusal('payload_too_large', `the body has more than maxBodyBytes, ${maxBytes}`, {
    fix: 'if the provider really sends events this large, raise maxBodyBytes',
  })
}

function tooSlow(bodyTimeout: number): Refusal {
  return new Refusal('request_timeout', `the body did not arrive within bodyTimeout, ${bodyTimeout} ms`, {
    fix: 'if genuine events come over a line this slow, raise bodyTimeout',
  })
}
