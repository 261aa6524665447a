import { Refusal } from '../contracts/errors.ts'

type Reader = ReadableStreamDefaultReader<unknown>

const encoder = new TextEncoder()

/** The next bytes of a body; undefined at its end. */
export async function readChunk(reader: Reader): Promise<Uint8Array | undefined> {
  const { value } = await nextOf(reader)
  if (value === undefined || value instanceof Uint8Array) return value
  if (typeof value === 'string') return encoder.encode(value) // a stream of the application's: the signature tells
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  throw new Refusal(
    'misconfigured',
    `the body is a stream of ${value === null ? 'null' : typeof value}, not of bytes`,
    {
      fix: 'something has put a stream of its own in place of the body: hand the request on as it came, or have that stream hold bytes',
    },
  )
}

async function nextOf(reader: Reader): Promise<{ value?: unknown }> {
  try {
    return await reader.read()
  } catch (cause) {
    throw new Refusal('request_aborted', 'the sender hung up before its body was complete', { cause })
  }
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
