import type { ServerResponse } from 'node:http'
import type { Reply } from '../../contracts/delivery.ts'
import { headersOf } from './headers-of.ts'
import { letServerClose } from './let-server-close.ts'

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
