import { serve } from '@hono/node-server'
import { webWebhooks } from '@hookport/core/web'
import { inboxFromEnv } from '@hookport/example-inbox'
import { jaotReceiver } from '@hookport/providers/jaot'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { Hono } from 'hono'

const inbox = inboxFromEnv()

const sematryx = sematryxReceiver({ secret: process.env.SEMATRYX_WEBHOOK_SECRET, inbox })
sematryx.onEvent('optimization.completed', ({ type, id, data }, { provider, attempt }) => {
  print({ msg: 'handled', provider, type, id, attempt, best_fitness: data.result.best_fitness })
})
sematryx.onUnhandledEvent(({ type, id }, { provider, attempt }) => {
  print({ msg: 'handled', provider, type, id, attempt })
})

const jaot = jaotReceiver({ secret: process.env.JAOT_WEBHOOK_SECRET, inbox })
jaot.onEvent(
  ['trigger.run.completed', 'trigger.execution.completed'],
  ({ type, id, data }, { provider, attempt }) => {
    print({ msg: 'handled', provider, type, id, attempt, status: data.status })
  },
)
jaot.onUnhandledEvent(({ type, id }, { provider, attempt }) => {
  print({ msg: 'handled', provider, type, id, attempt })
})

const receiveSematryx = webWebhooks(sematryx)
const receiveJaot = webWebhooks(jaot)

const app = new Hono({ strict: false }) // a trailing slash does not matter
app.all('/webhooks/sematryx', ({ req }) => receiveSematryx(req.raw))
app.all('/webhooks/jaot', ({ req }) => receiveJaot(req.raw))
app.get('/healthz', (context) => context.json({ ok: true }))
app.get('/ready', async (context) => {
  const health = await Promise.all([sematryx.health(), jaot.health()])
  const isReady = health.every(({ status }) => status !== 'down')
  return context.json(
    health.flatMap(({ reasons }) => reasons),
    isReady ? 200 : 503,
  )
})
const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) })

process.once('SIGTERM', drain).once('SIGINT', drain)

/** Takes no more requests, finishes those under way, then handles what is due. */
function drain(): void {
  server.close(stop)
  setTimeout(() => {
    if ('closeAllConnections' in server) server.closeAllConnections() // those that a client or a proxy keeps busy
    stop() // a server with an open WebSocket never closes
  }, 4_000).unref()
}

function stop(): void {
  void Promise.all([sematryx.stop(), jaot.stop()])
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
