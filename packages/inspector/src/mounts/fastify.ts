import { type Answering, answerNode, type NodeRequest } from './node.ts'

/** The part of Fastify that the mount uses, so that its package need not be installed. */
interface Scope {
  addHook(name: 'preClose', run: () => Promise<void>): void
  removeAllContentTypeParsers(): void
  addContentTypeParser(
    type: string,
    parser: (request: unknown, body: unknown, done: (error: null) => void) => void,
  ): void
  route(route: {
    method: string[]
    url: string
    handler: (request: FastifyRequest, reply: FastifyReply) => unknown
  }): void
}

interface FastifyRequest {
  readonly raw: NodeRequest
}

interface FastifyReply {
  readonly raw: Parameters<typeof answerNode>[2]
  hijack(): unknown
}

/** A plugin for any version of Fastify. It has its own scope, so the body parsers of the application stay as they are. */
export type FastifyMount = (
  // biome-ignore lint/suspicious/noExplicitAny: an instance of Fastify, with any type parameters
  app: any,
  options: object,
) => Promise<void>

/** @param close ends live updates, for which `app.close()` would wait. */
export function fastifyMount(answering: Answering, close: () => void): FastifyMount {
  return async (app: Scope) => {
    try {
      app.addHook('preClose', async () => close())
    } catch {} // the first versions of Fastify 4 have no such hook
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _body, done) => done(null))
    for (const url of ['/', '/*'])
      app.route({
        method: ['GET', 'POST'],
        url,
        handler: (request, reply) => {
          reply.hijack()
          return answerNode(answering, request.raw, reply.raw, undefined, request)
        },
      })
  }
}
