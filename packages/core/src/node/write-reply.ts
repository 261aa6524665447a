import type { ServerResponse } from 'node:http'
import type { Reply } from '../contracts/receiver/reply.ts'

/**
 * Writes a reply. Does nothing where something else has replied already. Counts on nothing that the methods of the response return:
 * middleware and serverless platforms patch them.
 *
 * @returns what `end` did: where it was patched, that may be a promise.
 * @throws what a patched method throws.
 */
export function writeReply(response: ServerResponse, { status, headers, body }: Reply): unknown {
  if (response.headersSent) return undefined
  response.statusCode = status
  for (const name in headers) response.setHeader(name, headers[name] as string)
  return response.end(body)
}
