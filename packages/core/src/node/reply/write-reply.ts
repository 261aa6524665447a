import type { ServerResponse } from 'node:http'
import type { Reply } from '../../contracts/delivery.ts'

/**
 * Writes a reply. Does nothing where something else has replied already. It does not rely on what the methods of the response return, as middleware
 * and serverless platforms patch them. If the server no longer listens, the reply ends its connection.
 *
 * @returns what `end` returned, which may be a promise where it was patched.
 * @throws what a patched method throws.
 */
export function writeReply(response: ServerResponse, reply: Reply): unknown {
  if (response.headersSent) return undefined
  letServerClose(response)
  const headers = headersOf(reply, response)
  response.statusCode = reply.status
  for (const name in headers) response.setHeader(name, headers[name] as string)
  return response.end(reply.body)
}

/**
 * The headers of a reply, as its connection can have them. HTTP/2 has no `Connection`: Node leaves it out, and warns that it is not valid. For adapters.
 */
export function headersOf({ headers }: Reply, { req }: ServerResponse): Reply['headers'] {
  if (req?.httpVersionMajor !== 2) return headers
  const { connection: _, ...others } = headers
  return others
}

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
