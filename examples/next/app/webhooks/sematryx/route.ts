import { inboxFromEnv } from '@hookport/example-inbox'
import { sematryxWebhooks } from '@hookport/next'
import { drainOptions, isServerless } from '../../../deployment.ts'
import { printHandled } from '../../../print-handled.ts'

const webhooks = sematryxWebhooks({
  secret: process.env.SEMATRYX_WEBHOOK_SECRET,
  inbox: inboxFromEnv(),
  consume: !isServerless,
})

webhooks
  .onEvent('optimization.completed', (event, context) => {
    printHandled(event, context, { best_fitness: event.data.result.best_fitness })
  })
  .onUnhandledEvent((event, context) => printHandled(event, context))

export const { POST, PUT, PATCH, DELETE, OPTIONS } = webhooks
export const GET = isServerless ? webhooks.drain(drainOptions) : webhooks.GET // the cron's
export const maxDuration = 60 // seconds
