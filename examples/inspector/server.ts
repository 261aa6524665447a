import { PermanentError, sematryxWebhooks } from '@hookport/express'
import { inspector } from '@hookport/inspector'
import { instrument } from '@hookport/opentelemetry'
import { sqliteInbox } from '@hookport/sqlite'
import express from 'express'
import { tracerProvider } from './print-spans.ts'
import { unitOf } from './unit-of.ts'

const webhooks = sematryxWebhooks({
  secret: 'your-webhook-secret',
  inbox: sqliteInbox({ path: process.env.INBOX ?? 'webhooks.db' }),
})
instrument(webhooks, { tracerProvider })
webhooks.onEvent(
  'optimization.completed',
  (event) => {
    const { best_solution } = event.data.result
    const unit = unitOf(event.data)
    if (unit === undefined) throw new PermanentError(`no unit is known for ${event.data.optimization_id}`)
    process.stdout.write(`saved: ${best_solution.join()} ${unit}\n`)
  },
  { name: 'save-plan' },
)

const page = inspector(webhooks) // locked: its log says how to get in
const app = express().use('/webhooks/sematryx', webhooks).use('/hookport', page)
const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')

process.once('SIGTERM', stop).once('SIGINT', stop)

function stop(): void {
  page.close()
  server.close(() => webhooks.stop())
}
