import express from 'express'
import { Redis } from 'ioredis'
import { serve } from '../servers/serve.ts'
import { isSigned } from './check-signature.ts'
import { dispatch } from './dispatch.ts'

const redis = new Redis(process.env.REDIS_URL as string, {
  enableAutoPipelining: process.env.PIPELINED === '1',
})
const app = express()
app.post('/webhook', express.raw({ type: '*/*' }), async (request, response) => {
  if (!isSigned(request.body, request.headers['x-sematryx-signature'])) return void response.sendStatus(401)
  const event = JSON.parse(request.body)
  if ((await redis.set(`seen:${event.id}`, '1', 'EX', 259_200, 'NX')) === 'OK') await dispatch(event)
  response.json({ received: true })
})
serve(app)
