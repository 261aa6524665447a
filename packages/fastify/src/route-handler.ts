import { type EventMap, type Receiver, Refusal } from '@hookport/core'
import { nodeDelivery } from '@hookport/core/node'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { bodyReader } from './body-reader.ts'
import { sendAnswer, sendOnlyAnswer } from './send-answer.ts'

const fixWhenConsumed =
  'a plugin or hook reads request.raw before the handler, and does not pass its bytes on: keep it away from this route by registering it in a scope of its own'

/**
 * The handler of one route. It returns something only if another function calls it, as returned promises are slower than `send`.
 *
 * @param isWrapped whether another function calls it.
 */
export type RouteHandler = (
  request: FastifyRequest,
  reply: FastifyReply,
  isWrapped: boolean,
) => Promise<void> | undefined

/** The handler of one route. Its limit is looked up once, as Fastify makes that slow. */
export function routeHandler(receiver: Receiver<EventMap>, logPerRequest: boolean): RouteHandler {
  let bodyLimit: number | undefined
  return (request, reply, isWrapped) => {
    const delivery = nodeDelivery(request.raw, {
      fixWhenConsumed,
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
    if (isWrapped) return sendOnlyAnswer(answering, reply, receiver)
    void sendAnswer(answering, reply, receiver)
    return undefined
  }
}

/**
 * Where Fastify's limit is below the receiver's, a body that exceeds it is refused with the name of Fastify's limit, as raising `maxBodyBytes` would
 * not help.
 *
 * @param reading the reading of a body, with both limits.
 * @param maxBodyBytes the receiver's limit.
 * @param bodyLimit Fastify's limit, of the route or the application.
 */
function nameLimit(
  reading: Promise<Uint8Array> | Uint8Array,
  maxBodyBytes: number,
  bodyLimit: number,
): Promise<Uint8Array> | Uint8Array {
  if (bodyLimit >= maxBodyBytes || !(reading instanceof Promise)) return reading
  return reading.catch((error: unknown) => {
    if ((error as Refusal).code !== 'payload_too_large') throw error
    throw new Refusal('payload_too_large', `the body has more than Fastify's bodyLimit, ${bodyLimit}`, {
      fix: `if the provider really sends events this large, register the webhook with bodyLimit: it is below maxBodyBytes, ${maxBodyBytes}, and the smaller limit applies`,
    })
  })
}
