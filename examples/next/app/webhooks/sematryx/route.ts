import { inboxFromEnv } from '@hookport/example-inbox'
import { sematryxWebhooks } from '@hookport/next'
import { printHandled } from '../../../print-handled.ts'

const webhooks = sematryxWebhooks({ secret: process.env.SEMATRYX_WEBHOOK_SECRET, inbox: inboxFromEnv() })

webhooks
  .onEvent('optimization.completed', (event, context) => {
    printHandled(event, context, { best_fitness: event.data.result.best_fitness })
  })
  .onUnhandledEvent((event, context) => printHandled(event, context))

export const { POST, GET, PUT, PATCH, DELETE, OPTIONS } = webhooks
