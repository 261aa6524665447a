import { Refusal } from '../contracts/errors.ts'

type Reader = ReadableStreamDefaultReader<unknown>

const encoder = new TextEncoder()

/** The next bytes of a body; undefined at its end. */
export async function readChunk(reader: Reader): Promise<Uint8Array | undefined> {
  let chunk: unknown
  try {
    chunk = (await reader.read()).value
  } catch (cause) {
    throw hungUp(cause)
  }
  return chunk === undefined || chunk instanceof Uint8Array ? chunk : toBytes(chunk)
}

function toBytes(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return encoder.encode(chunk) // a stream of the application's: the signature tells
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk)
  throw notOfBytes(chunk === null ? 'null' : typeof chunk)
}

export function hungUp(cause: unknown): Refusal {
  return new Refusal('request_aborted', 'the sender hung up before its body was complete', { cause })
}

/** @param found what the stream is of. */
export function notOfBytes(found: string): Refusal {
  return new Refusal('misconfigured', `the body is a stream of ${found}, not of bytes`, {
    fix: 'something has put a stream of its own in place of the body: hand the request on as it came, or have that stream hold bytes',
  })
}

/**
 * Leaves what is still to come to the platform, which closes its connection. It is not cancelled: SvelteKit takes that for a wish to
 * destroy the request, so that its reply is lost, and h3 1 throws where nobody can catch it when more comes.
 */
export function letGo(reader: Reader): void {
  try {
    reader.releaseLock()
  } catch {
    reader.cancel().catch(() => {}) // a platform where the lock of a stream that is waited for can't be released
  }
}
