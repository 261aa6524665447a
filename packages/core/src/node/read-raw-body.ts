import type { IncomingMessage } from 'node:http'
import { Refusal } from '../errors.ts'
import { tooLarge } from '../read-body.ts'

/**
 * Reads the body of a request, byte for byte. Bytes are counted as they arrive, whatever Content-Length says; of a body that
 * is too large, no more than `maxBytes` are ever held, and what is left of it is discarded as it arrives. So is a body that is
 * no longer waited for.
 *
 * @throws {Refusal} `payload_too_large`, or `request_aborted` when the sender hung up; the reason of `signal` when it is aborted.
 */
export function readRawBody(
  request: IncomingMessage,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (Number(request.headers['content-length']) > maxBytes) return Promise.reject(tooLarge(maxBytes))
  if (request.destroyed) return Promise.reject(aborted())
  if (signal?.aborted) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0

    function onData(chunk: Buffer): void {
      length += chunk.length
      if (length > maxBytes) fail(tooLarge(maxBytes))
      else chunks.push(chunk)
    }
    function onEnd(): void {
      stopListening()
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length))
    }
    function onBroken(cause?: Error): void {
      fail(aborted(cause))
    }
    function onAbort(): void {
      fail(signal?.reason)
    }
    function fail(reason: unknown): void {
      stopListening()
      request.resume()
      reject(reason)
    }
    function stopListening(): void {
      signal?.removeEventListener('abort', onAbort)
      request.off('data', onData).off('end', onEnd).off('error', onBroken).off('close', onBroken)
      request.on('error', ignore)
    }

    signal?.addEventListener('abort', onAbort)
    request.on('data', onData).on('end', onEnd).on('error', onBroken).on('close', onBroken)
  })
}

function aborted(cause?: Error): Refusal {
  return new Refusal('request_aborted', 'the sender hung up before its body was complete', { cause })
}

/** An aborted request emits an error, which would be thrown if nobody listened any more. */
function ignore(): void {}
