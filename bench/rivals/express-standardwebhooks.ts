import express from 'express'
import { Webhook } from 'standardwebhooks'
import { serve } from '../servers/serve.ts'
import { dispatch } from './dispatch.ts'

const webhook = new Webhook('whsec_YmVuY2htYXJrLXNlY3JldC1vZi1zb21lLWxlbmd0aA==')
const app = express()
app.post('/webhook', express.raw({ type: '*/*' }), async (request, response) => {
  try {
    const event = webhook.verify(request.body, request.headers as Record<string, string>) as Parameters<
      typeof dispatch
    >[0]
    response.json({ received: true })
    await dispatch(event)
  } catch {
    response.sendStatus(401)
  }
})
serve(app)
