import { inboxFromEnv } from '@hookport/example-inbox'
import { jaotWebhooks } from '@hookport/next'
import { printHandled } from '../../../print-handled.ts'

const webhooks = jaotWebhooks({ secret: process.env.JAOT_WEBHOOK_SECRET, inbox: inboxFromEnv() })

webhooks
  .onEvent(['trigger.run.completed', 'trigger.execution.completed'], (event, context) => {
    printHandled(event, context, { status: event.data.status })
  })
  .onUnhandledEvent((event, context) => printHandled(event, context))

export const { POST, GET, PUT, PATCH, DELETE, OPTIONS } = webhooks
