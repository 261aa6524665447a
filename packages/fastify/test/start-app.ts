import type { FastifyInstance } from 'fastify'
import { onTestFinished } from 'vitest'

/** Listens until the test ends. Answers the URL. */
export async function startApp(app: FastifyInstance): Promise<string> {
  onTestFinished(() => app.close())
  return app.listen({ port: 0, host: '127.0.0.1' })
}
