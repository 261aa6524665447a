import type { IncomingMessage, ServerResponse } from 'node:http'
import { ConfigurationError } from '../contracts/errors.ts'
import type { Receiver } from '../contracts/receiver/receiver.ts'
import type { AnswerDrain } from '../webhooks.ts'
import { endWritten } from './reply/end-written.ts'
import { replyFailed } from './reply/reply-failed.ts'
import { letServerClose, writeReply } from './reply/write-reply.ts'
import { type NodeDeliveryOptions, nodeDelivery } from './request/node-delivery.ts'

/** How a request is answered. */
export interface AnswerOptions extends NodeDeliveryOptions {
  /** The framework's error handling. It is called only where the reply could not be written. */
  next?: ((error: unknown) => void) | undefined
}

/**
 * Receives a request as a delivery, and writes the reply. Never rejects. An error of the response goes to `next`, or else to the log, and the
 * connection is closed.
 */
export async function answerDelivery(
  receiver: Pick<Receiver, 'receive' | 'logger' | 'provider'>,
  request: IncomingMessage,
  response: ServerResponse,
  options: AnswerOptions,
): Promise<void> {
  try {
    assertOfNode(response)
    letServerClose(response) // remembers that the server listens, where it is closed before the first reply
    const reply = await receiver.receive(nodeDelivery(request, options))
    if (!endWritten(response, reply, receiver)) await writeReply(response, reply)
  } catch (error) {
    replyFailed(error, response, receiver, options.next)
  }
}

/** A request listener of `node:http`, a middleware of Express, or an API route of Next. */
export type NodeRoute = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => Promise<void>

/** A drain's route for callers of the `node:http` kind. Like `answerDelivery`, it never rejects. For adapters. */
export function nodeDrain(answer: AnswerDrain, receiver: Pick<Receiver, 'logger' | 'provider'>): NodeRoute {
  return async ({ method, headers }, response, next) => {
    try {
      assertOfNode(response)
      await writeReply(response, await answer({ method, authorization: headers.authorization }))
    } catch (error) {
      replyFailed(error, response, receiver, next)
    }
  }
}

/** @throws {ConfigurationError} where there is no response of Node, as whoever called has another kind of request. */
function assertOfNode(response: unknown): void {
  if (typeof (response as { setHeader?: unknown } | undefined)?.setHeader === 'function') return
  throw new ConfigurationError(
    'the webhook was called with something else than a request and a response of Node: for a Request of the Web there is webWebhooks, and for Koa @hookport/koa',
  )
}
