/** The properties in which hosting platforms and parsers leave what they have read. */
interface ReadRequest {
  readonly rawBody?: unknown
  readonly body?: unknown
}

/** A body that something else has already read: its bytes, or the string that it made of them. */
export type LeftBody = Uint8Array | string

/**
 * What is left of a body that was read before hookport could: bytes in any form, or else a string, in `rawBody` or `body`. An empty one
 * says less than the other. Anything else there was made from the body, and is no longer what was signed.
 */
export function leftBody(request: object): LeftBody | undefined {
  const rawBody = propertyOf(request, 'rawBody')
  const body = propertyOf(request, 'body')
  if (rawBody === undefined && body === undefined) return undefined
  const bytes = asBytes(body)
  const left = [asBytes(rawBody), bytes, rawBody, body].find(isSome)
  // No bytes in `rawBody` may be about to be filled.
  return left ?? bytes ?? ([rawBody, body].find((value) => value === '') as '' | undefined)
}

function isSome(value: unknown): value is LeftBody {
  return (typeof value === 'string' || value instanceof Uint8Array) && value.length > 0
}

/** Some platforms parse a body once its property is read, and throw where they can't: then nothing is left there. */
function propertyOf(request: ReadRequest, property: keyof ReadRequest): unknown {
  try {
    return request[property]
  } catch {
    return undefined
  }
}

/** A test's sandbox has a `Uint8Array` of its own, which `instanceof` does not recognise. */
function asBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  return isArrayBuffer(value) ? new Uint8Array(value) : undefined
}

/** `node:util/types` would know, but throws on platforms that only imitate Node, as Nitro does on Workers. */
function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value).endsWith('ArrayBuffer]')
}
