import { Refusal } from '@hookport/core'

/**
 * Where Fastify's limit is below the receiver's, a body that exceeds it is refused with the name of Fastify's limit, as raising `maxBodyBytes` would
 * not help.
 *
 * @param reading the reading of a body, with both limits.
 * @param maxBodyBytes the receiver's limit.
 * @param bodyLimit Fastify's limit, of the route or the application.
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
      fix: `if the provider really sends events this large, register the webhook with bodyLimit: it is below maxBodyBytes, ${maxBodyBytes}, and the smaller limit applies`,
    })
  })
}
