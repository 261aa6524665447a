import type { Receiver, Reply } from '@hookport/core'
import { endWritten, headersOf } from '@hookport/core/node'
import type { FastifyReply } from 'fastify'

type About = Pick<Receiver, 'logger' | 'provider'>

/** The status of a response until the answer is there. */
const unanswered = 500

/**
 * Sends the receiver's answer once it is there. Does not reject, even if a patched response throws. What ends the response before, without a status of
 * its own, acknowledges nothing: it is a 500.
 *
 * @param beforeSending called just before, in the same turn.
 */
export async function sendAnswer(
  answering: Promise<Reply>,
  reply: FastifyReply,
  about: About,
  beforeSending?: (answer: Reply) => void,
): Promise<void> {
  try {
    if (!reply.raw.headersSent && !isMarked(reply, 'hasStatusCode')) reply.raw.statusCode = unanswered
    const answer = await answering
    beforeSending?.(answer)
    if (endWritten(reply.raw, answer, about)) reply.hijack()
    else
      reply
        .code(answer.status)
        .headers(headersOf(answer, reply.raw))
        .send(answer.body || undefined) // it calls an empty text text
  } catch (error) {
    sendError(error, reply, about)
  }
}

/**
 * As `sendAnswer`, for a handler that another function may call. If that is async, and leaves out what the handler returns, Fastify sends an empty 200
 * for it at once, or an empty body while hooks are at the answer. Neither is sent. Errors are, and what is no acknowledgement.
 *
 * @returns what such a function can await.
 */
export function sendOnlyAnswer(answering: Promise<Reply>, reply: FastifyReply, about: About): Promise<void> {
  const { send } = reply
  let answered: number | undefined
  let isOurs = false
  reply.send = (payload?: unknown) => {
    const isLeftOut =
      answered === undefined
        ? isNoRefusal(reply) && !(payload instanceof Error) && !isMarked(reply, 'isError')
        : reply.statusCode === answered &&
          payload === undefined &&
          !isOurs &&
          !isMarked(reply, 'nextErrorHandler')
    isOurs = false
    return isLeftOut ? reply : send.call(reply, payload)
  }
  void sendAnswer(answering, reply, about, ({ status }) => {
    answered = status
    isOurs = true
  })
  return new Promise((resolve, reject) => reply.then(resolve, reject))
}

/** Whether a reply's status is none that something has given it to refuse. */
function isNoRefusal(reply: FastifyReply): boolean {
  const { statusCode } = reply
  return statusCode < 400 || (statusCode === unanswered && !isMarked(reply, 'hasStatusCode'))
}

type Mark = 'isError' | 'nextErrorHandler' | 'hasStatusCode'

/** Fastify's symbols for its marks. To look for one takes 600 ns, which each delivery would pay. */
const symbols = new Map<Mark, symbol>()

/**
 * Whether Fastify's own mark is on a reply. `isError`: a function has thrown what is sent, which need not be an Error. `nextErrorHandler`: an error is being
 * answered, as a hook has failed. `hasStatusCode`: something has called `code`.
 */
function isMarked(reply: FastifyReply, mark: Mark): boolean {
  let symbol = symbols.get(mark)
  if (symbol === undefined || !(symbol in reply)) {
    const isIt = ({ description }: symbol) => description === `fastify.reply.${mark}`
    symbol = Object.getOwnPropertySymbols(reply).find(isIt) // another copy of Fastify has its own
    if (symbol === undefined) return false
    symbols.set(mark, symbol)
  }
  return Boolean(Reflect.get(reply, symbol))
}

/** If the answer of the application's error handling can't be written either, the connection is closed, so that the sender retries. */
function sendError(error: unknown, reply: FastifyReply, { logger, provider }: About): void {
  try {
    reply.send(error)
  } catch (err) {
    logger.error({ provider, err }, 'a reply could not be written')
    try {
      reply.raw.destroy()
    } catch {
      // It is patched too.
    }
  }
}
