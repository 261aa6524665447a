import type { Receiver, Reply } from '@hookport/core'
import { endWritten, headersOf } from '@hookport/core/node'
import type { FastifyReply } from 'fastify'

type About = Pick<Receiver, 'logger' | 'provider'>

/** Sends the receiver's answer once it is there. Does not reject, even if a patched response throws. */
export async function sendAnswer(
  answering: Promise<Reply>,
  reply: FastifyReply,
  about: About,
): Promise<void> {
  try {
    const answer = await answering
    if (endWritten(reply.raw, answer, about)) reply.hijack()
    else reply.code(answer.status).headers(headersOf(answer, reply.raw)).send(answer.body)
  } catch (error) {
    sendError(error, reply, about)
  }
}

/** If the answer of the application's error handling can't be written either, the connection is closed, so that the sender retries. */
function sendError(error: unknown, reply: FastifyReply, { logger, provider }: About): void {
  try {
    reply.send(error)
  } catch (err) {
    logger.error({ provider, err }, 'a reply could not be written')
    reply.raw.destroy()
  }
}
