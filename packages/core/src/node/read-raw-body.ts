import type { IncomingMessage } from 'node:http'
import { Refusal } from '../errors.ts'
import { tooLarge } from '../read-body.ts'

/**
 * Reads the body of a request, byte for byte. Bytes are counted as they arrive, whatever Content-Length says; of a body that
 * is too large, no more than `maxBytes` are ever held, and what is left of it is discarded as it arrives.
 *
 * @throws {Refusal} `payload_too_large`, or `request_aborted` when the sender hung up.
 */
export function readRawBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  if (Number(request.headers['content-length']) > maxBytes) return Promise.reject(tooLarge(maxBytes))
  if (request.destroyed) return Promise.reject(aborted())
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
    function fail(refusal: Refusal): void {
      stopListening()
      request.resume()
      reject(refusal)
    }
    function stopListening(): void {
      request.off('data', onData).off('end', onEnd).off('error', onBroken).off('close', onBroken)
      request.on('error', ignore)
    }

    request.on('data', onData).on('end', onEnd).on('error', onBroken).on('close', onBroken)
  })
}

function aborted(cause?: Error): Refusal {
  return new Refusal('request_aborted', 'the sender hung up before its body was complete', { cause })
}

/** An aborted request emits an error, which would be thrown if nobody listened any more. */
function ignore(): void {}
