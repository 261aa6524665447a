import { inboxFromEnv } from '@hookport/example-inbox'
import { jaotWebhooks, sematryxWebhooks } from '@hookport/fastify'
import fastify from 'fastify'

const inbox = inboxFromEnv()
const app = fastify({ logger: { level: 'warn', stream: process.stderr } })

await app.register(sematryxWebhooks, {
  path: '/webhooks/sematryx',
  secret: process.env.SEMATRYX_WEBHOOK_SECRET,
  inbox,
})
app.sematryxWebhooks.onEvent('optimization.completed', ({ type, id, data }, { provider, attempt }) => {
  print({ msg: 'handled', provider, type, id, attempt, best_fitness: data.result.best_fitness })
})
app.sematryxWebhooks.onUnhandledEvent(({ type, id }, { provider, attempt }) => {
  print({ msg: 'handled', provider, type, id, attempt })
})

await app.register(jaotWebhooks, { path: '/webhooks/jaot', secret: process.env.JAOT_WEBHOOK_SECRET, inbox })
app.jaotWebhooks.onEvent(
  ['trigger.run.completed', 'trigger.execution.completed'],
  ({ type, id, data }, { provider, attempt }) => {
    print({ msg: 'handled', provider, type, id, attempt, status: data.status })
  },
)
app.jaotWebhooks.onUnhandledEvent(({ type, id }, { provider, attempt }) => {
  print({ msg: 'handled', provider, type, id, attempt })
})

app.get('/healthz', () => ({ ok: true }))
app.get('/ready', async (_request, reply) => {
  const health = await Promise.all([app.sematryxWebhooks.health(), app.jaotWebhooks.health()])
  const isReady = health.every(({ status }) => status !== 'down')
  return reply.code(isReady ? 200 : 503).send(health.flatMap(({ reasons }) => reasons))
})
await app.listen({ port: Number(process.env.PORT ?? 3000) })

// Takes no more requests, finishes those under way, then handles what is due.
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void app.close())

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
