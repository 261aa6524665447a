import { sematryxWebhooks } from '@hookport/next'
import { sematryxWebhooks as sematryxPage } from '@hookport/next/pages'
import type { NextApiHandler } from 'next'
import type { NextRequest } from 'next/server.js'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'

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

test('an added type is typed by its schema, in either router', () => {
  const events = { 'optimization.paused': z.object({ reason: z.string() }) }
  for (const each of [sematryxWebhooks({ secret: 's', events }), sematryxPage({ secret: 's', events })]) {
    each.onEvent('optimization.paused', ({ data }) => expectTypeOf(data).toEqualTypeOf<{ reason: string }>())
    // @ts-expect-error: still unknown
    each.onEvent('optimization.resumed', () => {})
  }
})

test('an unknown option does not compile, in either router', () => {
  // @ts-expect-error it is dedupeWindow
  sematryxWebhooks({ secret: 's', dedupWindow: 1 })
  // @ts-expect-error it is dedupeWindow
  sematryxPage({ secret: 's', dedupWindow: 1 })
})

test('the other entry is an API route of the Pages Router', () => {
  expectTypeOf(sematryxPage({ secret: 's' })).toExtend<NextApiHandler>()
})

test('a drain is a route handler in the App Router, and an API route in the Pages Router', () => {
  expectTypeOf(webhooks.drain({ secret: process.env.CRON_SECRET, maxMs: 5_000 })).toExtend<
    (request: NextRequest) => Promise<Response>
  >()
  expectTypeOf(sematryxPage({ secret: 's' }).drain({ secret: undefined })).toExtend<NextApiHandler>()
  // @ts-expect-error it needs a secret
  webhooks.drain({ maxMs: 5_000 })
})
