import type { ReceiverOptions } from '@hookport/core'
import { jaotWebhooks, sematryxWebhooks } from '@hookport/express'
import express from 'express'

/** The application, apart from the port that it listens on. `options` go to both receivers. */
export function createApp(options: Omit<ReceiverOptions, 'provider'> = {}, print = printLine) {
  const sematryx = sematryxWebhooks({ ...options, secret: process.env.SEMATRYX_WEBHOOK_SECRET })
  sematryx.onEvent('optimization.completed', ({ type, id, data }, { provider, attempt }) => {
    print({ msg: 'handled', provider, type, id, attempt, best_fitness: data.result.best_fitness })
  })
  sematryx.onUnhandledEvent(({ type, id }, { provider, attempt }) => {
    print({ msg: 'handled', provider, type, id, attempt })
  })

  const jaot = jaotWebhooks({ ...options, secret: process.env.JAOT_WEBHOOK_SECRET })
  jaot.onEvent(
    ['trigger.run.completed', 'trigger.execution.completed'],
    ({ type, id, data }, { provider, attempt }) => {
      print({ msg: 'handled', provider, type, id, attempt, status: data.status })
    },
  )
  jaot.onUnhandledEvent(({ type, id }, { provider, attempt }) => {
    print({ msg: 'handled', provider, type, id, attempt })
  })

  const app = express()
  app.use('/webhooks/sematryx', sematryx)
  app.use('/webhooks/jaot', jaot)
  app.get('/healthz', (_request, response) => void response.json({ ok: true }))
  app.get('/ready', async (_request, response) => {
    const health = await Promise.all([sematryx.health(), jaot.health()])
    const isReady = health.every(({ status }) => status !== 'down')
    response.status(isReady ? 200 : 503).json(health.flatMap(({ reasons }) => reasons))
  })
  return { app, sematryx, jaot }
}

function printLine(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
