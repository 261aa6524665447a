import express from 'express'
import { serve } from '../servers/serve.ts'
import { isSigned } from './check-signature.ts'
import { dispatch } from './dispatch.ts'

const app = express()
app.post('/webhook', express.raw({ type: '*/*', limit: '2mb' }), async (request, response) => {
  if (!isSigned(request.body, request.headers['x-sematryx-signature'])) return void response.sendStatus(401)
  const event = JSON.parse(request.body)
  response.json({ received: true })
  await dispatch(event)
})
serve(app)
