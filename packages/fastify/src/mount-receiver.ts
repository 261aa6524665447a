import type { EventMap, Receiver } from '@hookport/core'
import { nodeDelivery } from '@hookport/core/node'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

export interface RouteOptions {
  /** Where deliveries are received. A trailing slash does not matter. */
  path: string
  /** Fastify's limit for this route, in bytes. The smaller of it and `maxBodyBytes` holds. Defaults to the application's, 1 MiB. */
  bodyLimit?: number | undefined
  /** Whether lines about a delivery go to its request's logger rather than to the receiver's. Defaults to false. */
  logPerRequest?: boolean | undefined
}

const methods = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']

const anyContentType = 'application/octet-stream'

const fixWhenConsumed =
  'a plugin or hook reads request.raw before the handler: keep it away from this route, by registering it in a scope of its own'

/** Mounts a receiver in a scope of its own, so that the body parsers of the application stay as they are. */
export function mountReceiver<Events extends EventMap>(
  app: FastifyInstance,
  receiver: Receiver<Events>,
  { path, bodyLimit, logPerRequest = false }: RouteOptions,
): void {
  async function handler(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const delivery = nodeDelivery(request.raw, {
      fixWhenConsumed,
      maxBytes: request.routeOptions.bodyLimit,
      logger: logPerRequest ? request.log : undefined,
    })
    const { status, headers, body } = await receiver.receive(delivery)
    return reply.code(status).headers(headers).send(body)
  }

  app.addHook('onClose', () => receiver.stop())
  app.register(async (scope) => {
    scope.addHook('onRequest', ignoreContentType)
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(anyContentType, (_request, _unreadBody, done) => done(null))
    const route = {
      method: methods,
      handler,
      exposeHeadRoute: false,
      ...(bodyLimit !== undefined && { bodyLimit }),
    }
    scope.route({ ...route, url: path })
    if (!scope.hasRoute({ method: 'POST', url: `${path}/` })) scope.route({ ...route, url: `${path}/` })
  })
}

/** The signature authenticates; Fastify would turn away a malformed Content-Type, and look long for the parser of an unknown one. */
function ignoreContentType({ raw }: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  raw.headers['content-type'] = anyContentType
  done()
}
