/** Where hosting platforms and parsers leave what they have read. */
interface ReadRequest {
  readonly rawBody?: unknown
  readonly body?: unknown
}

/** A body that something else has read already: its bytes, or the text that it made of them. */
export type LeftBody = Uint8Array | string

/**
 * What is left of a body that was read before hookport could: bytes, or else a text, in `rawBody` or `body`. Anything else there was
 * made of the body, and is no longer what was signed.
 */
export function leftBody(request: object): LeftBody | undefined {
  const { rawBody, body }: ReadRequest = request
  if (rawBody instanceof Uint8Array && rawBody.length > 0) return rawBody // an empty one may be about to be filled
  if (body instanceof Uint8Array) return body
  if (typeof rawBody === 'string') return rawBody
  return typeof body === 'string' ? body : undefined
}
