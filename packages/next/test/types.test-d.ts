import { sematryxWebhooks } from '@hookport/next'
import { sematryxWebhooks as sematryxPage } from '@hookport/next/pages'
import type { NextApiHandler } from 'next'
import type { NextRequest } from 'next/server.js'
import { expectTypeOf, test } from 'vitest'

const webhooks = sematryxWebhooks({ secret: 's' })

test('methods are route handlers of the App Router', () => {
  type RouteHandler = (request: NextRequest) => Promise<Response>
  const { POST, GET, PUT, PATCH, DELETE, OPTIONS } = webhooks
  for (const handler of [POST, GET, PUT, PATCH, DELETE, OPTIONS])
    expectTypeOf(handler).toExtend<RouteHandler>()
})

test('handlers are typed by their event', () => {
  webhooks.onEvent('optimization.completed', ({ data }) => {
    expectTypeOf(data.result.best_solution).toEqualTypeOf<number[]>()
  })
  // @ts-expect-error: mistyped
  webhooks.onEvent('optimization.complete', () => {})
})

test('the other entry is an API route of the Pages Router', () => {
  expectTypeOf(sematryxPage({ secret: 's' })).toExtend<NextApiHandler>()
})
