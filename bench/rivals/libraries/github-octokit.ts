import { createNodeMiddleware, Webhooks } from '@octokit/webhooks'
import { secret } from '../../servers/secrets.ts'
import { countHandled, serve } from '../../servers/serve.ts'

const webhooks = new Webhooks({ secret })
webhooks.on('ping', () => countHandled())
const middleware = createNodeMiddleware(webhooks, { path: '/webhook' })
serve((request, response) => void middleware(request, response))
