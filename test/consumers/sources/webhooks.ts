import { jaotWebhooks, PermanentError, sematryxWebhooks } from '@hookport/express'
import { sematryxWebhooks as fastifyPlugin } from '@hookport/fastify'
import { sematryxWebhooks as nextRoute } from '@hookport/next'
import { sematryxWebhooks as nextPage } from '@hookport/next/pages'
import fastify from 'fastify'

// Each of these is exported without a type: the compiler has to name what it inferred.
const secret = 'your-webhook-secret'
export const webhooks = sematryxWebhooks({ secret })
export const others = jaotWebhooks({ secret, name: 'others', acknowledge: 'after-handlers' })
export const route = nextRoute({ secret })
export const page = nextPage({ secret })
export const chained = sematryxWebhooks({ secret: process.env.SECRET }).onEvent(
  'optimization.completed',
  (event, context) => {
    const best: number[] = event.data.result.best_solution
    if (best.length === 0) throw new PermanentError(`nothing found, ${context.attempt}`)
  },
)
export const deadLetters = webhooks.inbox.list({ state: 'dead' })
export const app = fastify()
export async function plugin() {
  await app.register(fastifyPlugin, { path: '/webhooks/sematryx', secret })
  return app.sematryxWebhooks
}
others.onEvent('trigger.execution.completed', (event): string => event.data.run_id)

// @ts-expect-error a misspelt event type
webhooks.onEvent('optimization.complete', () => {})
// @ts-expect-error a misspelt field
webhooks.onEvent('optimization.completed', (event) => event.data.results)
// @ts-expect-error a misspelt option
sematryxWebhooks({ secret, handlerTimeOut: 1_000 })
