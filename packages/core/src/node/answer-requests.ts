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
 * Receives a request as a delivery, and writes the reply. An error of the response goes to `next`, or else to the log, and the connection is closed.
 *
 * @throws {ConfigurationError} for what is no response of Node, if there is no `next`. It never rejects otherwise.
 */
export function answerDelivery(
  receiver: Pick<Receiver, 'receive' | 'logger' | 'provider'>,
  request: IncomingMessage,
  response: ServerResponse,
  options: AnswerOptions,
): Promise<void> {
  return isOfNode(response)
    ? receiveAndReply(receiver, request, response, options)
    : wronglyCalled(response, receiver, options.next)
}

async function receiveAndReply(
  receiver: Pick<Receiver, 'receive' | 'logger' | 'provider'>,
  request: IncomingMessage,
  response: ServerResponse,
  options: AnswerOptions,
): Promise<void> {
  try {
    letServerClose(response) // remembers that the server listens, where it is closed before the first reply
    if (!response.headersSent) response.statusCode = 500 // for whoever ends it before the reply is there
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

/** A drain's route for callers of the `node:http` kind. It rejects only where `answerDelivery` does. For adapters. */
export function nodeDrain(answer: AnswerDrain, receiver: Pick<Receiver, 'logger' | 'provider'>): NodeRoute {
  const drain: NodeRoute = async ({ method, headers }, response, next) => {
    try {
      await writeReply(response, await answer({ method, authorization: headers.authorization }))
    } catch (error) {
      replyFailed(error, response, receiver, next)
    }
  }
  return (request, response, next) =>
    isOfNode(response) ? drain(request, response, next) : wronglyCalled(response, receiver, next)
}

function isOfNode(response: unknown): boolean {
  return typeof (response as { setHeader?: unknown } | undefined)?.setHeader === 'function'
}

/** Of what just returns, Fastify makes a 200 by itself, and the event is lost. So it rejects, but does not end a process in which nobody waits for it. */
function wronglyCalled(
  response: ServerResponse,
  receiver: Pick<Receiver, 'logger' | 'provider'>,
  next: ((error: unknown) => void) | undefined,
): Promise<void> {
  const error = new ConfigurationError(
    'the webhook was called with something else than a request and a response of Node: for a Request of the Web there is webWebhooks, for Fastify @hookport/fastify, and for Koa @hookport/koa',
  )
  replyFailed(error, response, receiver, next)
  if (next) return Promise.resolve()
  const failure = Promise.reject(error)
  failure.catch(() => {})
  return failure
}
