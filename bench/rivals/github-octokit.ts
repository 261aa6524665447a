import { createNodeMiddleware, Webhooks } from '@octokit/webhooks'
import { countHandled, serve } from '../servers/serve.ts'

const webhooks = new Webhooks({ secret: 'benchmark-secret-of-some-length' })
webhooks.on('ping', () => countHandled())
const middleware = createNodeMiddleware(webhooks, { path: '/webhook' })
serve((request, response) => void middleware(request, response))
