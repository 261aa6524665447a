import { Refusal } from '../../contracts/errors.ts'

const encoder = new TextEncoder()

/**
 * The bytes of a piece of a body. A string is encoded as UTF-8: it is of a stream of the application, and the signature shows whether it is right.
 *
 * @throws {Refusal} `misconfigured` for anything that is neither bytes nor a string.
 */
export function chunkBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  if (typeof chunk === 'string') return encoder.encode(chunk)
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  if (Object.prototype.toString.call(chunk) === '[object ArrayBuffer]')
    return new Uint8Array(chunk as ArrayBuffer)
  throw notOfBytes(chunk === null ? 'null' : typeof chunk)
}

/** @param found what the stream is of. */
export function notOfBytes(found: string): Refusal {
  return new Refusal('misconfigured', `the body is a stream of ${found}, not of bytes`, {
    fix: 'something replaced the body with a stream of its own: pass the request on unchanged, or let that stream contain bytes',
  })
}
