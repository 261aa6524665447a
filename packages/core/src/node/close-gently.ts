import type { IncomingMessage } from 'node:http'

/** Sematryx hangs up after 5 s: nobody who waits for longer is kept waiting. */
const lingerMs = 5_000
/** The largest payload that a sender known to us makes, GitHub's, has 25 MB. */
const lingerBytes = 32 * 1024 * 1024

/**
 * For a request that is answered with `Connection: close` before its body has come to an end. Node closes such a connection together
 * with the reply; where more of the body is under way, the system resets it, and the sender loses the reply. Here the connection is
 * closed in one direction only, and what still comes is read and discarded: to the end of the body, but at most 32 MiB and for 5 s.
 * See docs/decisions/009.
 */
export function closeGently(request: IncomingMessage): void {
  const { socket } = request
  if (typeof socket?.destroySoon !== 'function') return // a platform's own request, its connection is the platform's
  request.on('error', () => {}).resume()
  const closeNow = socket.destroySoon.bind(socket)
  // What Node's server calls once a reply with `Connection: close` was written. Nothing else comes over this connection.
  socket.destroySoon = () => {
    if (request.complete) return closeNow()
    const timer = setTimeout(closeNow, lingerMs).unref()
    socket.once('close', () => clearTimeout(timer)).end()
    let bytes = 0
    request.once('end', closeNow).on('data', (chunk: Uint8Array) => {
      bytes += chunk.length
      if (bytes > lingerBytes) closeNow()
    })
  }
}
