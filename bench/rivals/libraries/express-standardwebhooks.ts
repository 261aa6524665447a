import express from 'express'
import { Webhook } from 'standardwebhooks'
import { encodedSecret } from '../../servers/secrets.ts'
import { serve } from '../../servers/serve.ts'
import { dispatch } from '../dispatch.ts'

const webhook = new Webhook(encodedSecret)
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
