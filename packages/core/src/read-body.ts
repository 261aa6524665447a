import type { Clock } from './clock.ts'
import type { Delivery } from './delivery.ts'
import { Refusal } from './errors.ts'
import { LazyAbort } from './lazy-abort.ts'
import { settledWithin } from './settled-within.ts'
import { type Awaitable, isPromise } from './when-ready.ts'

export interface BodyLimits {
  readonly maxBodyBytes: number
  readonly bodyTimeout: number
  readonly clock: Required<Clock>
}

/** The bytes of the body. Bounded here too, for adapters that were handed a body someone else has read. */
export async function readBody(delivery: Delivery, limits: BodyLimits): Promise<Uint8Array> {
  const body = await readInTime(delivery, limits)
  if (body.length > limits.maxBodyBytes) throw tooLarge(limits.maxBodyBytes)
  return body
}

/** Does not rely on the reader to heed the signal: the reply is due whether or not it does. */
function readInTime(
  delivery: Delivery,
  { maxBodyBytes, bodyTimeout, clock }: BodyLimits,
): Awaitable<Uint8Array> {
  const deadline = new LazyAbort()
  const body = delivery.readBody(maxBodyBytes, deadline)
  if (!isPromise(body)) return body
  return settledWithin(body, bodyTimeout, clock, () => {
    const refusal = tooSlow(bodyTimeout)
    deadline.abort(refusal)
    return refusal
  })
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
