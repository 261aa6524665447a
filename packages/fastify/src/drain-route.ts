import { assertReceiver, type DrainRouteOptions, type Receiver } from '@hookport/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendOnlyAnswer } from './send-answer.ts'

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
  return ({ method, headers }, reply) =>
    sendOnlyAnswer(answer({ method, authorization: headers.authorization }), reply, receiver)
}
