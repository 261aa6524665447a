import type { ServerResponse } from 'node:http'
import type { Receiver } from '../../contracts/receiver/receiver.ts'
import type { Reply } from '../../contracts/receiver/reply.ts'

const isAcknowledgement = (status: number) => status >= 200 && status < 300

/**
 * For a response whose head something else has written before the webhook could. It is ended, so that the sender does not wait, and the log says so.
 * Where that head would acknowledge a delivery that was refused, the connection is cut off instead, so that the sender retries. If the whole response
 * is already on its way, it is only logged. For adapters, before they write a reply.
 *
 * @returns whether there is nothing left to write.
 */
export function endWritten(
  response: ServerResponse,
  { status }: Reply,
  { logger, provider }: Pick<Receiver, 'logger' | 'provider'>,
): boolean {
  if (!response.headersSent) return false
  const { socket, statusCode } = response
  const isWronglyAcknowledged = isAcknowledgement(statusCode) && !isAcknowledgement(status)
  // Something else has answered, such as a timeout. A delivery that it refuses is sent again.
  if (response.writableEnded && !isWronglyAcknowledged) return true
  logger.error(
    {
      provider,
      fix: 'find what calls writeHead, flushHeaders, write or end on the response before the webhook, and keep it away from this path',
    },
    `something else has answered ${statusCode} before the webhook could answer ${status}`,
  )
  if (response.writableEnded) return true
  if (isWronglyAcknowledged) {
    response.destroy()
    return true
  }
  response.end()
  socket?.destroySoon?.() // that head may announce more bytes than will follow
  return true
}
