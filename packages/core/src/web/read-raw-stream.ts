import { tooLarge } from '../accept/read-body.ts'
import { BodyBytes } from '../bytes/body-bytes.ts'
import { Refusal } from '../contracts/errors.ts'

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
  const body = new BodyBytes()
  for (let chunk = await readChunk(reader); chunk !== undefined; chunk = await readChunk(reader)) {
    if (body.length + chunk.length > maxBytes) throw tooLarge(maxBytes)
    body.add(chunk)
  }
  return body.whole()
}

/** Undefined at the end. */
async function readChunk(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    return (await reader.read()).value
  } catch (cause) {
    throw new Refusal('request_aborted', 'the sender hung up before its body was complete', { cause })
  }
}
