import { Queue } from 'bullmq'
import express from 'express'
import { keepsIn, serve } from '../servers/serve.ts'
import { isSigned } from './check-signature.ts'

const queue = new Queue('webhooks', {
  connection: { url: process.env.REDIS_URL as string },
  prefix: process.env.BY_JOB_ID ? '{rival-by-job-id}' : '{rival}',
})
/** By a job id, an event is known while its job is there; by deduplication, for three days. */
const known = (id: string) =>
  process.env.BY_JOB_ID ? { jobId: id } : { deduplication: { id, ttl: 259_200_000 } }

const app = express()
app.post('/webhook', express.raw({ type: '*/*' }), async (request, response) => {
  if (!isSigned(request.body, request.headers['x-sematryx-signature'])) return void response.sendStatus(401)
  const event = JSON.parse(request.body)
  await queue.add(event.type, event, { ...known(event.id), removeOnComplete: true })
  response.json({ received: true })
})
keepsIn({ count: () => queue.getWaitingCount() })
serve(app)
