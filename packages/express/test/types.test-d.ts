import { createReceiver } from '@hookport/core'
import {
  type ExpressWebhooks,
  expressWebhooks,
  jaotWebhooks,
  type SematryxEvents,
  sematryxWebhooks,
} from '@hookport/express'
import { sematryx } from '@hookport/providers/sematryx'
import express from 'express'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'

const webhooks = sematryxWebhooks({ secret: 'secret' })

test('the data of a known type is typed', () => {
  webhooks.onEvent('optimization.completed', (event) => {
    expectTypeOf(event.data.result.best_fitness).toEqualTypeOf<number>()
    expectTypeOf(event.data.result.best_solution).toEqualTypeOf<number[]>()
  })
  jaotWebhooks({ secret: 'secret' }).onEvent('credits.low', (event) => {
    expectTypeOf(event.data.current_balance).toEqualTypeOf<number>()
  })
})

test('a misspelt event type does not compile', () => {
  // @ts-expect-error it is optimization.completed
  webhooks.onEvent('optimization.complete', () => {})
  // @ts-expect-error it is credits.low
  jaotWebhooks({ secret: 'secret' }).onEvent('credits.lo', () => {})
})

test('a wrong use of a field does not compile', () => {
  webhooks.onEvent('optimization.completed', (event) => {
    // @ts-expect-error a number
    event.data.result.best_fitness.toUpperCase()
    // @ts-expect-error it is best_solution
    event.data.result.best_solutions.map(Number)
  })
})

test('an added type is typed by its schema, an overriding one changes the type', () => {
  const events = {
    'optimization.paused': z.object({ reason: z.string() }),
    'optimization.completed': z.object({ score: z.number() }),
  }
  sematryxWebhooks({ secret: 'secret', events })
    .onEvent('optimization.paused', (event) => {
      expectTypeOf(event.data).toEqualTypeOf<{ reason: string }>()
    })
    .onEvent('optimization.completed', (event) => {
      expectTypeOf(event.data).toEqualTypeOf<{ score: number }>()
    })
    // @ts-expect-error still unknown
    .onEvent('optimization.resumed', () => {})
})

test('every registration returns the webhooks, still mountable and typed', () => {
  const registered = webhooks
    .onEvent('optimization.failed', () => {})
    .onAnyEvent(() => {})
    .onUnhandledEvent(() => {})
    .start()
  expectTypeOf(registered).toEqualTypeOf(webhooks)
  express().use('/webhooks/sematryx', registered)
})

test('Express mounts webhooks wherever it mounts middleware', () => {
  const app = express()
  app.use(webhooks)
  app.use('/webhooks/sematryx', webhooks)
  app.post('/webhooks/sematryx', webhooks)
  app.all('/webhooks/sematryx', webhooks)
  express.Router().use(jaotWebhooks({ secret: 'secret' }))
  app.use(expressWebhooks(createReceiver({ provider: sematryx({ secret: 'secret' }) }), { path: '/hook' }))
})

test('a secret may come straight from the environment', () => {
  sematryxWebhooks({ secret: process.env.SEMATRYX_WEBHOOK_SECRET })
  jaotWebhooks({ secret: process.env.JAOT_WEBHOOK_SECRET, path: process.env.JAOT_WEBHOOK_PATH })
})

test('an unknown option does not compile', () => {
  // @ts-expect-error it is dedupeWindow
  sematryxWebhooks({ secret: 'secret', dedupWindow: 1 })
  // @ts-expect-error it is path
  jaotWebhooks({ secret: 'secret', route: '/webhooks/jaot' })
})

test('a function may be declared to return webhooks', () => {
  const made = (): ExpressWebhooks<SematryxEvents> => sematryxWebhooks({ secret: 'secret' })
  expectTypeOf(made()).toEqualTypeOf(webhooks)
})

test('a drain is middleware of Express', () => {
  express().all('/cron/webhooks', webhooks.drain({ secret: process.env.CRON_SECRET, maxMs: 5_000 }))
  express().use('/cron/webhooks', webhooks.drain({ secret: 's' }))
  // @ts-expect-error it needs a secret
  webhooks.drain({ maxMs: 5_000 })
})
