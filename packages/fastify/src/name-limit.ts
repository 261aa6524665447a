import { Refusal } from '@hookport/core'

/**
 * Where Fastify's limit is below the receiver's, a body that is too large for it is refused by its name: raising `maxBodyBytes` would
 * change nothing.
 *
 * @param reading of a body, bounded by both limits.
 * @param maxBodyBytes the receiver's limit.
 * @param bodyLimit Fastify's, of the route or the application.
 */
export function nameLimit(
  reading: Promise<Uint8Array> | Uint8Array,
  maxBodyBytes: number,
  bodyLimit: number,
): Promise<Uint8Array> | Uint8Array {
  if (bodyLimit >= maxBodyBytes || !(reading instanceof Promise)) return reading
  return reading.catch((error: unknown) => {
    if ((error as Refusal | undefined)?.code !== 'payload_too_large') throw error
    throw new Refusal('payload_too_large', `the body has more than Fastify's bodyLimit, ${bodyLimit}`, {
      fix: `if the provider really sends events this large, register the webhook with bodyLimit: it is below maxBodyBytes, ${maxBodyBytes}, and the smaller holds`,
    })
  })
}
