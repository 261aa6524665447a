import type { IncomingMessage } from 'node:http'
import { tooLarge } from '../accept/read-body.ts'
import { BodyBytes } from '../bytes/body-bytes.ts'
import { Refusal } from '../contracts/errors.ts'

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
    let body = new BodyBytes()

    function onData(data: Buffer | string): void {
      // Something may have called `setEncoding`: the signature tells whether that did harm.
      const chunk = typeof data === 'string' ? Buffer.from(data, request.readableEncoding ?? 'utf8') : data
      if (body.length + chunk.length <= maxBytes) body.add(chunk)
      else refuse()
    }
    function refuse(): void {
      body = new BodyBytes() // what has come is let go
      request.off('data', onData).resume()
      reject(tooLarge(maxBytes))
    }
    function onEnd(): void {
      resolve(asBuffer(body.whole()))
    }
    function onClose(): void {
      if (!request.readableEnded) reject(aborted())
    }
    function onError(cause: Error): void {
      reject(aborted(cause))
    }

    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onError)
    request.resume() // something may have paused or unpiped it, which a listener does not undo
  })
}

/** Of the same bytes, not a copy. */
function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length)
}

function aborted(cause?: Error): Refusal {
  return new Refusal('request_aborted', 'the sender hung up before its body was complete', { cause })
}
