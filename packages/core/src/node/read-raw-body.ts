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
      if (length <= maxBytes) chunks.push(chunk)
      else refuse()
    }
    function refuse(): void {
      chunks.length = 0
      request.off('data', onData).resume()
      reject(tooLarge(maxBytes))
    }
    function onEnd(): void {
      if (length <= maxBytes) resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))
    }
    function onClose(): void {
      if (!request.readableEnded) reject(aborted())
    }
    function onError(cause: Error): void {
      reject(aborted(cause))
    }

    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onError)
  })
}

function aborted(cause?: Error): Refusal {
  return new Refusal('request_aborted', 'the sender hung up before its body was complete', { cause })
}
