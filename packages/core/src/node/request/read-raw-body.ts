import type { IncomingMessage } from 'node:http'
import { ArrivingBody } from '../../accept/request/arriving-body.ts'
import { chunkBytes } from '../../accept/request/chunk-bytes.ts'
import { tooLarge } from '../../accept/request/read-request.ts'
import { defaultMaxBytesInFlight } from '../../contracts/delivery.ts'
import { Refusal } from '../../contracts/errors.ts'
import { nextTurn } from '../../time/soon.ts'
import { closeGently } from './close-gently.ts'

/**
 * Reads the body of a request, byte for byte. Bytes are counted as they arrive, whatever Content-Length says. Of a body that is too large, no more
 * than `maxBytes` are ever held. The rest of a refused body is read and discarded, so that the sender gets the reply, which has to say `Connection:
 * close`. If another reader pauses the request, its bytes still arrive here.
 *
 * @param maxBytesInFlight of all bodies that are being read in this process. Defaults to 64 MiB.
 * @param signal once it is aborted, the bytes are released with the next piece.
 * @throws {Refusal} `payload_too_large`, `unavailable` when the body is given up to make room for others, `request_aborted` when the sender hung up, or
 * the application destroyed the request, or `misconfigured` where something passes on anything but bytes or strings.
 */
export function readRawBody(
  request: IncomingMessage,
  maxBytes: number,
  maxBytesInFlight: number = defaultMaxBytesInFlight,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (request.destroyed) return refused(aborted(request.errored))
  const announcedBytes = Number(request.headers['content-length'])
  if (announcedBytes > maxBytes) {
    closeGently(request)
    return refused(tooLarge(maxBytes))
  }
  return new Promise((resolve, reject) => {
    const body = new ArrivingBody(maxBytesInFlight, onRefused, announcedBytes)
    // These hold the promise, and with it the bytes. The listeners would hold them for as long as there is the request.
    let settle: { resolve: typeof resolve; reject: typeof reject } | undefined = { resolve, reject }

    function onData(data: unknown): void {
      try {
        signal?.throwIfAborted()
        // Something may have called `setEncoding`. The signature shows whether that did harm.
        const chunk =
          typeof data === 'string' ? Buffer.from(data, request.readableEncoding ?? 'utf8') : chunkBytes(data)
        if (body.length + chunk.length > maxBytes) throw tooLarge(maxBytes)
        // On HTTP/2 the end of a body may come long after its last byte, or never.
        body.add(chunk, chunk.length === announcedBytes && request.httpVersionMajor !== 2)
      } catch (refusal) {
        body.refuse(refusal as Refusal)
      }
    }
    function onRefused(refusal: Refusal): void {
      request.off('data', onData).off('pause', onPause)
      closeGently(request)
      settle?.reject(refusal)
    }
    function onPause(): void {
      void nextTurn().then(() => request.resume()) // this turn would never end where it is paused each time
    }
    function onEnd(): void {
      // On HTTP/2 a body also ends where its stream was cancelled.
      if (request.aborted) settle?.reject(aborted(whyBroken(request)))
      else settle?.resolve(asBuffer(body.whole()))
      settle = undefined
    }
    function onClose(): void {
      body.letGo()
      if (!request.readableEnded) settle?.reject(aborted(whyBroken(request)))
    }
    function onError(cause: Error): void {
      settle?.reject(aborted(cause))
    }

    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onError)
    request.on('pause', onPause)
    // With such a listener, bytes only come when they are asked for. Those that are there already are not announced again.
    if (request.listenerCount('readable') > 0) {
      request.on('readable', () => readAll(request))
      nextTurn() // zone.js tells of a promise that is rejected at once as unhandled
        .then(() => readAll(request))
        .catch((error) => settle?.reject(error))
    }
    request.resume() // something may have paused or unpiped it, which a listener does not undo
  })
}

/** A promise of the language itself. zone.js reports one of its own as unhandled where it is rejected before `await` looks at it. */
async function refused(refusal: Refusal): Promise<never> {
  throw refusal
}

/** HTTP/2 has no error for a sender that hangs up. */
function whyBroken({ errored, aborted, httpVersionMajor }: IncomingMessage): Error | null {
  if (errored || !aborted || httpVersionMajor === 1) return errored
  return Object.assign(new Error('the stream was cancelled'), { code: 'ECONNRESET' })
}

/** Every listener for data gets all of it. */
function readAll(request: IncomingMessage): void {
  while (request.read() !== null);
}

/** Uses the same bytes, without a copy. */
function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length)
}

/** Node's codes for a connection that the other side has closed, or the network has lost. */
const connectionIsGone = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
])

/**
 * Why a request ended before its body did. Senders hang up every day, and Node then gives their requests an error with one of these codes. With
 * another error, or none, the application destroyed the request.
 */
function aborted(cause: (Error & { code?: unknown }) | null | undefined): Refusal {
  if (typeof cause?.code === 'string' && connectionIsGone.has(cause.code))
    return new Refusal('request_aborted', 'the sender hung up before its body was complete', { cause })
  return new Refusal(
    'request_aborted',
    'the application destroyed the request before its body was complete',
    {
      fix: 'look for what calls destroy on requests or sockets, before the webhook or beside it: the sender gets no reply, and sends again',
      level: 'warn',
      ...(cause && { cause }),
    },
  )
}
