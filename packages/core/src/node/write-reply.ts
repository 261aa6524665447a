import type { ServerResponse } from 'node:http'
import type { Reply } from '../reply.ts'

/** Writes a reply. Does nothing where something else has replied already. */
export function writeReply(response: ServerResponse, { status, headers, body }: Reply): void {
  if (response.headersSent) return
  response.writeHead(status, headers).end(body)
}
