import type { Delivery } from './delivery.ts'
import { Refusal } from './errors.ts'

/** The bytes of the body. Bounded here too, for adapters that were handed a body someone else has read. */
export async function readBody(delivery: Delivery, maxBytes: number): Promise<Uint8Array> {
  const body = await delivery.readBody(maxBytes)
  if (body.length > maxBytes) throw tooLarge(maxBytes)
  return body
}

/** What a body reader throws as soon as it has seen more than `maxBytes`. */
export function tooLarge(maxBytes: number): Refusal {
  return new Refusal('payload_too_large', `the body has more than maxBodyBytes, ${maxBytes}`, {
    fix: 'if the provider really sends events this large, raise maxBodyBytes',
  })
}
