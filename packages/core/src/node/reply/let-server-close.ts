import type { ServerResponse } from 'node:http'

/** Servers that have listened. One that never did, as its connections are passed to it, is not closing. */
const listened = new WeakSet<object>()

/**
 * Ends the connection with this reply where the server no longer listens. `server.close()` waits for connections, and one on which a sender or a proxy
 * always has another delivery is never idle: the server would not close before the process is killed. For adapters, when a request arrives
 * and before they write its reply.
 */
export function letServerClose(response: ServerResponse): void {
  if (response.headersSent || response.req?.httpVersionMajor !== 1) return
  const { server } = (response.socket ?? {}) as { server?: { listening?: boolean } | null }
  if (server?.listening) listened.add(server)
  else if (server?.listening === false && listened.has(server)) response.setHeader('connection', 'close')
}
