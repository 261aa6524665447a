import { ArrivingBody } from '../accept/arriving-body.ts'
import { tooLarge } from '../accept/read-body.ts'
import { defaultMaxBytesInFlight } from '../contracts/delivery.ts'
import { Refusal } from '../contracts/errors.ts'
import { DiscardedRest } from './discarded-rest.ts'

/**
 * Reads a body of the Web, byte for byte. Bytes are counted as they arrive, whatever Content-Length says; of a body that is too
 * large, no more than `maxBytes` are ever held. A body that is no longer waited for is cancelled. One that is refused is first read
 * on for a moment, see `DiscardedRest`.
 *
 * @param maxBytesInFlight of all bodies that are being read in this process. Defaults to 64 MiB.
 * @throws {Refusal} `payload_too_large`, `unavailable` when the body has to make room for others, or `request_aborted` when the sender
 * hung up; the reason of `signal` when it is aborted.
 */
export async function readRawStream(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  signal?: AbortSignal,
  maxBytesInFlight: number = defaultMaxBytesInFlight,
): Promise<Uint8Array> {
  signal?.throwIfAborted()
  const reader = stream.getReader()
  const cancel = () => void reader.cancel().catch(() => {}) // the sender may be gone already
  signal?.addEventListener('abort', cancel)
  let rest: DiscardedRest | undefined
  const body = new ArrivingBody(maxBytesInFlight, (refusal) => {
    rest = new DiscardedRest(refusal, cancel)
  })
  try {
    for (let chunk = await readChunk(reader); chunk !== undefined; chunk = await readChunk(reader)) {
      if (rest !== undefined) rest.take(chunk)
      else if (body.length + chunk.length > maxBytes) body.refuse(tooLarge(maxBytes))
      else body.add(chunk)
    }
    if (rest !== undefined) throw rest.refusal
    return body.whole()
  } catch (error) {
    cancel()
    throw error
  } finally {
    body.letGo()
    rest?.end()
    signal?.removeEventListener('abort', cancel)
    signal?.throwIfAborted() // a body that was cancelled reads as one that has ended
  }
}

/** Refuses a body of which nothing was read yet: `readRawStream` for one that says itself that it is too large. */
export async function refuseRawStream(stream: ReadableStream<Uint8Array>, refusal: Refusal): Promise<never> {
  const reader = stream.getReader()
  const rest = new DiscardedRest(refusal, () => void reader.cancel().catch(() => {}))
  try {
    for (let chunk = await readChunk(reader); chunk !== undefined; chunk = await readChunk(reader)) {
      rest.take(chunk)
    }
    throw refusal
  } finally {
    rest.end()
  }
}

/** Undefined at the end. */
async function readChunk(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    return (await reader.read()).value
  } catch (cause) {
    throw new Refusal('request_aborted', 'the sender hung up before its body was complete', { cause })
  }
}
