import fastify from 'fastify'
import { announce } from '../servers/serve.ts'
import { isSigned } from './check-signature.ts'
import { dispatch } from './dispatch.ts'

const app = fastify({ bodyLimit: 2 * 1024 * 1024 })
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
  done(null, body),
)
app.post('/webhook', async (request, reply) => {
  const body = request.body as Buffer
  if (!isSigned(body, request.headers['x-sematryx-signature'])) return reply.code(401).send()
  const event = JSON.parse(body.toString())
  setImmediate(() => dispatch(event))
  return { received: true }
})
await app.ready()
announce(app.server)
