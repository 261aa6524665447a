import { ArrivingBody } from '../accept/request/arriving-body.ts'
import { tooLarge } from '../accept/request/read-body.ts'
import { defaultMaxBytesInFlight } from '../contracts/delivery.ts'
import type { Refusal } from '../contracts/errors.ts'
import { DiscardedRest } from './discarded-rest.ts'
import { letGo, readChunk } from './read-chunk.ts'

/**
 * Reads a body of the Web, byte for byte. Bytes are counted as they arrive, whatever Content-Length says; of a body that is too
 * large, no more than `maxBytes` are ever held. A text counts as its UTF-8 encoding. A body that is no longer waited for is let go. One
 * that is refused is first read on for a moment, see `DiscardedRest`.
 *
 * @param maxBytesInFlight of all bodies that are being read in this process. Defaults to 64 MiB.
 * @throws {Refusal} `payload_too_large`, `unavailable` when the body has to make room for others, `request_aborted` when the sender
 * hung up, or `misconfigured` where the stream holds something else than bytes or text; the reason of `signal` when it is aborted.
 */
export async function readRawStream(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  signal?: AbortSignal,
  maxBytesInFlight: number = defaultMaxBytesInFlight,
): Promise<Uint8Array> {
  signal?.throwIfAborted()
  const reader = stream.getReader()
  const leave = () => letGo(reader)
  signal?.addEventListener('abort', leave)
  let refused: Refusal | undefined
  let rest: DiscardedRest | undefined
  const body = new ArrivingBody(maxBytesInFlight, (refusal) => {
    refused = refusal
    rest = new DiscardedRest(leave)
  })
  try {
    for (let chunk = await readChunk(reader); chunk !== undefined; chunk = await readChunk(reader)) {
      if (rest !== undefined) rest.take(chunk)
      else if (body.length + chunk.length > maxBytes) body.refuse(tooLarge(maxBytes))
      else body.add(chunk)
    }
    if (refused !== undefined) throw refused
    return body.whole()
  } catch (error) {
    leave()
    throw rest?.isGivenUp ? refused : error
  } finally {
    body.letGo()
    rest?.end()
    signal?.removeEventListener('abort', leave)
    signal?.throwIfAborted() // a body that was let go reads as one that has ended, or failed
  }
}

/** Refuses a body of which nothing was read yet: `readRawStream` for one that says itself that it is too large. */
export async function refuseRawStream(stream: ReadableStream<Uint8Array>, refusal: Refusal): Promise<never> {
  await discardRawStream(stream)
  throw refusal
}

/**
 * Discards a body of which nothing was read, for a moment, see `DiscardedRest`. Answers whether more of it may be to come: the platform
 * closes its connection then.
 */
export async function discardRawStream(stream: ReadableStream<Uint8Array>): Promise<boolean> {
  const reader = stream.getReader()
  const rest = new DiscardedRest(() => letGo(reader))
  try {
    for (let chunk = await readChunk(reader); chunk !== undefined; chunk = await readChunk(reader)) {
      rest.take(chunk)
    }
    return rest.isGivenUp
  } catch {
    return true // its sender hung up, or it was let go
  } finally {
    rest.end()
  }
}
