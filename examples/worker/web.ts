import { bullmqInbox } from '@hookport/bullmq'
import { jaotWebhooks, sematryxWebhooks } from '@hookport/express'
import express from 'express'

/** Accepts, and leaves handling to the worker process. */
const inbox = bullmqInbox({ connection: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' })
const sematryx = sematryxWebhooks({ secret: process.env.SEMATRYX_WEBHOOK_SECRET, inbox, consume: false })
const jaot = jaotWebhooks({ secret: process.env.JAOT_WEBHOOK_SECRET, inbox, consume: false })

const app = express()
app.use('/webhooks/sematryx', sematryx)
app.use('/webhooks/jaot', jaot)
app.get('/healthz', (_request, response) => void response.json({ ok: true }))
const server = app.listen(Number(process.env.PORT ?? 3000))

process.once('SIGTERM', drain).once('SIGINT', drain)

function drain(): void {
  const stop = () => void Promise.all([sematryx.stop(), jaot.stop()])
  server.close(stop)
  setTimeout(() => {
    server.closeAllConnections() // those that a client or a proxy keeps busy
    stop() // a server with an open WebSocket never closes
  }, 4_000).unref()
}
