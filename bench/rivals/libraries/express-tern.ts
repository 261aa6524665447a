import { createWebhookMiddleware } from '@hookflo/tern/express'
import express from 'express'
import { secret } from '../../servers/secrets.ts'
import { serve } from '../../servers/serve.ts'
import { dispatch } from '../dispatch.ts'

const app = express()
app.post(
  '/webhook',
  createWebhookMiddleware({
    platform: 'stripe',
    secret,
  }) as express.RequestHandler,
  async (request, response) => {
    const { payload } = (request as unknown as { webhook: { payload: Parameters<typeof dispatch>[0] } })
      .webhook
    response.json({ received: true })
    await dispatch(payload)
  },
)
serve(app)
