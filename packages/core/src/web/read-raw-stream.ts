import { ArrivingBody } from '../accept/request/arriving-body.ts'
import { tooLarge } from '../accept/request/read-request.ts'
import { defaultMaxBytesInFlight } from '../contracts/delivery.ts'
import type { Refusal } from '../contracts/errors.ts'
import { DiscardedRest } from './discarded-rest.ts'
import { ChunkReader } from './read-chunk.ts'

/**
 * Reads a body of the Web, byte for byte. Bytes are counted as they arrive, whatever Content-Length says. Of a body that is too large, no more than
 * `maxBytes` are ever held. A string is encoded as UTF-8. A body that nobody waits for any more is released. The rest of a refused one is first read
 * for a moment, see `DiscardedRest`.
 *
 * @param maxBytesInFlight of all bodies that are being read in this process. Defaults to 64 MiB.
 * @throws {Refusal} `payload_too_large`, `unavailable` when the body is given up to make room for others, `request_aborted` when the sender hung up,
 * or `misconfigured` where the stream contains anything but bytes or strings; the reason of `signal` when it is aborted.
 */
export async function readRawStream(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  signal?: AbortSignal,
  maxBytesInFlight: number = defaultMaxBytesInFlight,
): Promise<Uint8Array> {
  signal?.throwIfAborted()
  const reader = new ChunkReader(stream)
  const leave = () => reader.letGo()
  signal?.addEventListener('abort', leave)
  let refused: Refusal | undefined
  let rest: DiscardedRest | undefined
  const body = new ArrivingBody(maxBytesInFlight, (refusal) => {
    refused = refusal
    rest = new DiscardedRest(leave)
  })
  try {
    for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) {
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
    signal?.throwIfAborted() // a released body reads as one that has ended or failed
  }
}

/** Refuses a body before anything of it was read, because its announced length is too large. Goes with `readRawStream`. */
export async function refuseRawStream(stream: ReadableStream<Uint8Array>, refusal: Refusal): Promise<never> {
  await discardRawStream(stream)
  throw refusal
}

/** Discards for a moment a body of which nothing was read, see `DiscardedRest`. Answers whether more of it may come. Then the platform closes its connection. */
export async function discardRawStream(stream: ReadableStream<Uint8Array>): Promise<boolean> {
  const reader = new ChunkReader(stream)
  const rest = new DiscardedRest(() => reader.letGo())
  try {
    for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) {
      rest.take(chunk)
    }
    return rest.isGivenUp
  } catch {
    return true // its sender hung up, or it was released
  } finally {
    rest.end()
  }
}
