import type { IncomingMessage } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'

/** Sematryx hangs up after 5 s, so there is no need to wait longer. */
const lingerMs = 5_000
/** The largest payload of a known sender is GitHub's, 25 MB. */
const lingerBytes = 32 * 1024 * 1024

/** The last request of each connection that is closed gently when its reply is written. */
const prepared = new WeakMap<Socket, IncomingMessage>()

/**
 * For a request that is answered before its body has ended. Its reply has to say `Connection: close`. Node closes such a connection together with the
 * reply. If more of the body is on its way, the system resets the connection, and the sender loses the reply. So the connection is closed in one
 * direction only, and the rest is read and discarded: to the end of the body, but at most 32 MiB, and for at most 5 s. See docs/decisions/009. A
 * stream of HTTP/2 is closed with the reply, which does not harm it.
 *
 * @returns whether it is such a request. False where the whole body has arrived, or the connection belongs to the platform.
 */
export function closeGently(request: IncomingMessage): boolean {
  const { socket } = request
  if (!isStillComing(request)) {
    closeStream(request)
    return false
  }
  const before = prepared.get(socket)
  if (before === request) return true
  prepared.set(socket, request)
  request.on('error', () => {}).resume()
  if (before === undefined) closeInOneDirection(socket)
  return true
}

/** Once for each connection: where something else answers, it goes on, and may have any number of such requests. */
function closeInOneDirection(socket: Socket): void {
  const closeNow = socket.destroySoon.bind(socket)
  // Node's server calls this once a reply with `Connection: close` was written. It may be that of a later request.
  socket.destroySoon = () => {
    const request = prepared.get(socket)
    if (request === undefined || request.complete) return closeNow()
    const timer = setTimeout(closeNow, lingerMs).unref()
    socket.once('close', () => clearTimeout(timer)).end()
    let bytes = 0
    request.once('end', closeNow).on('data', (chunk: Uint8Array | null) => {
      bytes += chunk?.length ?? 0 // null is of something else, as data never is
      if (bytes > lingerBytes) closeNow()
    })
    request.resume() // another reader may have paused it
  }
}

/** Node itself only closes the streams of requests that nobody has begun to read. The sender of another could go on for as long as its connection lasts. */
function closeStream(request: IncomingMessage & { readonly stream?: ServerHttp2Stream }): void {
  const { httpVersionMajor, complete, readableFlowing, stream } = request
  if (httpVersionMajor !== 2 || complete || readableFlowing === null) return
  if (stream?.writableFinished) stream.close()
  else stream?.once('finish', () => setImmediate(() => stream.close()))
}

/**
 * Whether more of a body may come over a connection that we may close. Platforms create requests of their own, whose connections belong to them. A
 * stream of HTTP/2 is closed without its connection.
 */
export function isStillComing(request: IncomingMessage): boolean {
  const { complete, destroyed, httpVersionMajor, headers, socket } = request
  const isNodes = httpVersionMajor === 1 && typeof socket?.destroySoon === 'function'
  return isNodes && complete === false && !destroyed && announcesBody(headers)
}

/** Whether a request has a body, according to its head. */
export function announcesBody(headers: IncomingMessage['headers']): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0
}
