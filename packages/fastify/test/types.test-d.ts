import type { DrainCounts, Receiver } from '@hookport/core'
import { drainRoute, sematryxWebhooks } from '@hookport/fastify'
import type { SematryxEvents } from '@hookport/providers/sematryx'
import type { FastifyInstance } from 'fastify'
import { expectTypeOf, test } from 'vitest'

declare const app: FastifyInstance

test('the application is decorated with a receiver that knows the events of its provider', () => {
  expectTypeOf(app.sematryxWebhooks).toEqualTypeOf<Receiver<SematryxEvents>>()
  app.sematryxWebhooks.onEvent('optimization.completed', ({ data }) => {
    expectTypeOf(data.result.best_solution).toEqualTypeOf<number[]>()
  })
  app.jaotWebhooks.onEvent('credits.low', ({ data }) => {
    expectTypeOf(data.current_balance).toEqualTypeOf<number>()
  })
  // @ts-expect-error: mistyped
  app.sematryxWebhooks.onEvent('optimization.complete', () => {})
})

test('a path has a default, and options are checked', () => {
  app.register(sematryxWebhooks, { path: '/', secret: process.env.SECRET })
  app.register(sematryxWebhooks, { secret: 's' })
  // @ts-expect-error: mistyped
  app.register(sematryxWebhooks, { path: '/', secret: 's', maxBodyByte: 1 })
})

test('a drain is the handler of a route, and the receiver has one to call', () => {
  app.get(
    '/cron/webhooks',
    drainRoute(app.sematryxWebhooks, { secret: process.env.CRON_SECRET, maxMs: 5_000 }),
  )
  app.get<{ Reply: { ok: true } }>('/cron/other', drainRoute(app.sematryxWebhooks, { secret: 's' })) // a route may say what it answers
  expectTypeOf(app.sematryxWebhooks.drain({ maxMs: 5_000 })).resolves.toEqualTypeOf<DrainCounts>()
  // @ts-expect-error it needs a secret
  drainRoute(app.sematryxWebhooks, { maxMs: 5_000 })
})
