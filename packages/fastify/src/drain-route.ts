import { assertReceiver, type DrainRouteOptions, type Receiver } from '@hookport/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendAnswer } from './send-answer.ts'

type RouteHandler = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/**
 * A handler of the route that a cron calls: `app.get('/cron/webhooks', drainRoute(app.sematryxWebhooks, { secret }))`. A GET or POST with
 * `Authorization: Bearer <secret>` handles what is due, and is answered the counts as JSON. Without the secret the answer is 401.
 *
 * @throws {ConfigurationError} for a secret that is missing, empty or padded, or a `maxMs` that can't work; for a value that is not a receiver.
 */
export function drainRoute(
  receiver: Pick<Receiver, 'drainRoute' | 'logger' | 'provider'>,
  options: DrainRouteOptions,
): RouteHandler {
  assertReceiver(receiver, 'drainRoute')
  const answer = receiver.drainRoute(options)
  return ({ method, headers }, reply) => {
    void sendAnswer(answer({ method, authorization: headers.authorization }), reply, receiver)
    // A function around it may be async: Fastify sends an empty 200 for what such a function leaves out.
    return new Promise((resolve, reject) => reply.then(resolve, reject))
  }
}
