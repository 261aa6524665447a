import { isAnyArrayBuffer } from 'node:util/types'

/** The properties in which hosting platforms and parsers leave what they have read. */
interface ReadRequest {
  readonly rawBody?: unknown
  readonly body?: unknown
}

/** A body that something else has already read: its bytes, or the string that it made of them. */
export type LeftBody = Uint8Array | string

/**
 * What is left of a body that was read before hookport could: bytes in any form, or else a string, in `rawBody` or `body`. Anything else there was
 * made from the body, and is no longer what was signed.
 */
export function leftBody(request: object): LeftBody | undefined {
  const rawBody = propertyOf(request, 'rawBody')
  const body = propertyOf(request, 'body')
  if (rawBody === undefined && body === undefined) return undefined
  const rawBytes = asBytes(rawBody)
  if (rawBytes !== undefined && rawBytes.length > 0) return rawBytes // an empty one may be about to be filled
  const bytes = asBytes(body)
  if (bytes !== undefined) return bytes
  if (typeof rawBody === 'string') return rawBody
  return typeof body === 'string' ? body : undefined
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
  return isAnyArrayBuffer(value) ? new Uint8Array(value) : undefined
}
