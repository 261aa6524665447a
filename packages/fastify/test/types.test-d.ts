import type { Receiver } from '@hookport/core'
import { sematryxWebhooks } from '@hookport/fastify'
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
