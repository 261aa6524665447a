import { Refusal } from '../errors.ts'
import { tooLarge } from '../read-body.ts'

/**
 * Reads a body of the Web, byte for byte. Bytes are counted as they arrive, whatever Content-Length says; of a body that is too
 * large, no more than `maxBytes` are ever held, and the rest is cancelled. So is a body that is no longer waited for.
 *
 * @throws {Refusal} `payload_too_large`, or `request_aborted` when the sender hung up; the reason of `signal` when it is aborted.
 */
export async function readRawStream(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  signal?.throwIfAborted()
  const reader = stream.getReader()
  const cancel = () => void reader.cancel().catch(() => {}) // the sender may be gone already
  signal?.addEventListener('abort', cancel)
  try {
    return await readAll(reader, maxBytes)
  } catch (error) {
    cancel()
    throw error
  } finally {
    signal?.removeEventListener('abort', cancel)
    signal?.throwIfAborted() // a body that was cancelled reads as one that has ended
  }
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for (let chunk = await readChunk(reader); chunk !== undefined; chunk = await readChunk(reader)) {
    length += chunk.length
    if (length > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : join(chunks, length)
}

/** Undefined at the end. */
async function readChunk(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    return (await reader.read()).value
  } catch (cause) {
    throw new Refusal('request_aborted', 'the sender hung up before its body was complete', { cause })
  }
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.length
  }
  return whole
}
