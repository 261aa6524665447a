import type { ServerResponse } from 'node:http'
import type { Receiver } from '../contracts/receiver.ts'
import type { Reply } from '../contracts/reply.ts'

const isAcknowledgement = (status: number) => status >= 200 && status < 300

/**
 * For a response whose head something else has written before the webhook could: it is ended, so that the sender does not wait, and the
 * log says so. Where that head would acknowledge a delivery that was refused, the connection is cut off instead, so that the sender
 * sends again. For adapters, before they write a reply.
 *
 * @returns whether there is nothing left to write.
 */
export function endWritten(
  response: ServerResponse,
  { status }: Reply,
  { logger, provider }: Pick<Receiver, 'logger' | 'provider'>,
): boolean {
  if (!response.headersSent) return false
  if (response.writableEnded) return true // by something that answered in our place
  const { socket, statusCode } = response
  logger.error(
    {
      provider,
      fix: 'find what calls writeHead, flushHeaders or write on the response before the webhook, and keep it away from this path',
    },
    `something else has answered ${statusCode} before the webhook could answer ${status}`,
  )
  if (isAcknowledgement(statusCode) && !isAcknowledgement(status)) {
    response.destroy()
    return true
  }
  response.end()
  socket?.destroySoon?.() // that head may have promised more than there will be
  return true
}
