import type { EventMap, Receiver } from '@hookport/core'
import { nodeDelivery } from '@hookport/core/node'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { bodyReader } from './body-reader.ts'
import { nameLimit } from './name-limit.ts'
import { sendAnswer } from './send-answer.ts'

const fixWhenConsumed =
  'a plugin or hook reads request.raw before the handler, and does not pass its bytes on: keep it away from this route by registering it in a scope of its own'

/** The handler of one route. Its limit is looked up once, as Fastify makes that slow. It answers by `send`, as returned promises are slower. */
export function routeHandler(
  receiver: Receiver<EventMap>,
  logPerRequest: boolean,
): (request: FastifyRequest, reply: FastifyReply) => void {
  let bodyLimit: number | undefined
  return (request, reply) => {
    const delivery = nodeDelivery(request.raw, {
      fixWhenConsumed,
      url: request.originalUrl,
      logger: logPerRequest ? request.log : undefined,
    })
    const reader = bodyReader(request, delivery)
    const answering = receiver.receive({
      ...delivery,
      readBody(maxBytes, bounds) {
        bodyLimit ??= request.routeOptions.bodyLimit ?? Number.POSITIVE_INFINITY
        const reading = reader.readBody(Math.min(maxBytes, bodyLimit), bounds)
        return nameLimit(reading, maxBytes, bodyLimit)
      },
    })
    void sendAnswer(answering, reply, receiver)
  }
}
