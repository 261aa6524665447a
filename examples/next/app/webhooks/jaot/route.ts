import { inboxFromEnv } from '@hookport/example-inbox'
import { jaotWebhooks } from '@hookport/next'
import { drainOptions, isServerless } from '../../../deployment.ts'
import { printHandled } from '../../../print-handled.ts'

const webhooks = jaotWebhooks({
  secret: process.env.JAOT_WEBHOOK_SECRET,
  inbox: inboxFromEnv(),
  consume: !isServerless,
})

webhooks
  .onEvent(['trigger.run.completed', 'trigger.execution.completed'], (event, context) => {
    printHandled(event, context, { status: event.data.status })
  })
  .onUnhandledEvent((event, context) => printHandled(event, context))

export const { POST, PUT, PATCH, DELETE, OPTIONS } = webhooks
export const GET = isServerless ? webhooks.drain(drainOptions) : webhooks.GET // the cron's
export const maxDuration = 60 // seconds
