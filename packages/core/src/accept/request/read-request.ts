import type { Clock } from '../../contracts/clock.ts'
import type { Delivery, ReadingBounds } from '../../contracts/delivery.ts'
import { Refusal } from '../../contracts/errors.ts'
import { type Awaitable, isPromise } from '../../time/awaitable.ts'
import { settledWithin } from '../../time/deadlines.ts'

const compressions = /^(x-)?(gzip|deflate|br|zstd|compress)$/

/** Refuses what can't be a webhook, before its body is read. */
export function checkRequest({ method, headers }: Delivery): void {
  if (method !== 'POST')
    throw new Refusal('method_not_allowed', `the method is ${JSON.stringify(method)}; webhooks use POST`)
  const encoding = headers.get('content-encoding')
  if (encoding && isCompressed(encoding)) {
    throw new Refusal(
      'unsupported_encoding',
      'the body is compressed, but providers sign and send plain bytes',
      {
        fix: 'does a proxy in front compress request bodies?',
      },
    )
  }
}

/** Some senders write `UTF-8` or `identity` there. Neither changes the bytes. Whether anything else did is decided by the signature. */
function isCompressed(encoding: string): boolean {
  return encoding.split(',').some((coding) => compressions.test(coding.trim().toLowerCase()))
}

export interface BodyLimits {
  readonly maxBodyBytes: number
  /** The limit on the bytes of all bodies in this process. */
  readonly maxBytesInFlight: number
  /** How long a body may take to arrive, in milliseconds. */
  readonly bodyTimeout: number
  readonly clock: Required<Clock>
}

/** The bytes of the body. The reply does not wait for a reader that ignores the signal. */
export function readBody(
  delivery: Delivery,
  { maxBodyBytes, maxBytesInFlight, bodyTimeout, clock }: BodyLimits,
): Awaitable<Uint8Array> {
  const deadline = new AbortController()
  const bounds: ReadingBounds = { signal: deadline.signal, maxBytesInFlight }
  const body = delivery.readBody(maxBodyBytes, bounds)
  if (!isPromise(body)) return body
  return settledWithin(body, bodyTimeout, clock, {
    onTimeout() {
      const refusal = tooSlow(bodyTimeout)
      deadline.abort(refusal)
      return refusal
    },
  })
}

/** The limit is checked here too, for adapters whose body something else has read. */
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
    fix: 'if genuine senders are this slow, raise bodyTimeout',
  })
}
