import type { ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Reply } from '../../contracts/delivery.ts'
import type { Receiver } from '../../contracts/receiver/receiver.ts'

const isAcknowledgement = (status: number) => status >= 200 && status < 300

/**
 * For a response whose head something else has written before the webhook could. It is ended, so that the sender does not wait, and the log says so.
 * Where that head would acknowledge a delivery that was refused, the connection is cut off instead (on HTTP/2 the stream), so that the sender retries.
 * If the whole response is already on its way, it is only logged. For adapters, before they write a reply.
 *
 * @returns whether there is nothing left to write.
 */
export function endWritten(
  response: ServerResponse,
  { status }: Reply,
  { logger, provider }: Pick<Receiver, 'logger' | 'provider'>,
): boolean {
  if (!response.headersSent) return false
  const { statusCode } = response
  const isWronglyAcknowledged = isAcknowledgement(statusCode) && !isAcknowledgement(status)
  // Something else has answered, such as a timeout. A delivery that it refuses is sent again. 500 is what `answerDelivery` has left.
  if (response.writableEnded && !isWronglyAcknowledged && statusCode !== 500) return true
  logger.error(
    {
      provider,
      fix: 'find what calls writeHead, flushHeaders, write or end before the webhook, or does not await it, and keep it away from this path',
    },
    `something else has answered ${statusCode} before the webhook could answer ${status}`,
  )
  if (response.writableEnded) return true
  if (isWronglyAcknowledged) cutOff(response)
  else end(response)
  return true
}

/** A stream of HTTP/2 that is destroyed without an error looks complete to the sender. */
function cutOff(response: ServerResponse): void {
  const stream = streamOf(response)
  if (stream) stream.destroy(new Error('answered by something else before the webhook could'))
  else response.destroy()
}

/** With its connection, as that head may announce more bytes than will follow. That of HTTP/2 has other deliveries. */
function end(response: ServerResponse): void {
  const { socket } = response
  response.end()
  if (!streamOf(response)) socket?.destroySoon?.()
}

function streamOf(
  response: ServerResponse & { readonly stream?: ServerHttp2Stream },
): ServerHttp2Stream | undefined {
  return response.req?.httpVersionMajor === 2 ? response.stream : undefined
}
