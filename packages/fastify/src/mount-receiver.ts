import type { EventMap, Receiver } from '@hookport/core'
import { endWritten, nodeDelivery } from '@hookport/core/node'
import type { FastifyInstance, FastifyReply, FastifyRequest, LogLevel } from 'fastify'
import { bodyReader } from './body-reader.ts'

export interface RouteOptions {
  /** Where deliveries are received. A trailing slash does not matter, neither here nor in requests. Defaults to `/webhooks/<provider>`. */
  path?: string | undefined
  /** Of Fastify's `register`: goes before `path`. */
  prefix?: string | undefined
  /** Of Fastify's `register`: for the request's log lines, and those of a receiver that logs to the application. */
  logLevel?: LogLevel | undefined
  /** Fastify's limit for this route, in bytes. The smaller of it and `maxBodyBytes` holds. Defaults to the application's, 1 MiB. */
  bodyLimit?: number | undefined
  /** Whether lines about a delivery go to its request's logger rather than to the receiver's. Defaults to false. */
  logPerRequest?: boolean | undefined
}

const anyContentType = 'application/octet-stream'

const fixWhenConsumed =
  'a plugin or hook reads request.raw before the handler, and does not hand its bytes on: keep it away from this route, by registering it in a scope of its own'

/** Mounts a receiver in a scope of its own, so that the body parsers of the application stay as they are. */
export function mountReceiver<Events extends EventMap>(
  app: FastifyInstance,
  receiver: Receiver<Events>,
  {
    path = `/webhooks/${receiver.provider}`,
    prefix = '',
    logLevel,
    bodyLimit,
    logPerRequest = false,
  }: RouteOptions,
): void {
  async function handler(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const delivery = nodeDelivery(request.raw, {
      fixWhenConsumed,
      url: request.originalUrl,
      maxBytes: request.routeOptions.bodyLimit,
      logger: logPerRequest ? request.log : undefined,
    })
    const answer = await receiver.receive({ ...delivery, ...bodyReader(request, delivery) })
    if (endWritten(reply.raw, answer, receiver)) return reply.hijack()
    const { status, headers, body } = answer
    return reply.code(status).headers(headers).send(body)
  }

  const ours = joined(prefix, path)
  app.addHook('onClose', () => receiver.stop())
  app.register(
    async (scope) => {
      scope.addHook('onRequest', ignoreContentType)
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser(anyContentType, (_request, body, done) => done(null, body))
      scope.post('/', { handler, ...(bodyLimit !== undefined && { bodyLimit }) })
      // Other methods are no routes, so that the application can have them. At its root, what is not found is for it to answer.
      if (ours !== '') scope.setNotFoundHandler(answerOtherMethods(scope.prefix, handler))
    },
    { prefix: ours, ...(logLevel !== undefined && { logLevel }) },
  )
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/** For what no route of the application takes: the path with another method than POST, and what is below the path. */
function answerOtherMethods(path: string, handler: Handler): Handler {
  return async (request, reply) => {
    const { method, url } = request
    if (method !== 'POST' && depth(url) === depth(path)) return handler(request, reply)
    const message = `Route ${method}:${url} not found` // as Fastify words it
    return reply.code(404).send({ message, error: 'Not Found', statusCode: 404 })
  }
}

/** Without a slash at the end. */
function joined(...parts: string[]): string {
  return parts
    .map((part) => part.replace(/^\/?(.*?)\/*$/, '$1'))
    .reduce((path, part) => (part ? `${path}/${part}` : path), '')
}

/** How many segments the path of a URL has. Segments may be parameters. */
function depth(url: string): number {
  const [path = ''] = url.split(/[?#]/, 1)
  return path.split('/').filter((segment) => segment !== '').length
}

/** The signature authenticates; Fastify would turn away a malformed Content-Type, and look long for the parser of an unknown one. */
function ignoreContentType({ raw }: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  raw.headers['content-type'] = anyContentType
  done()
}
