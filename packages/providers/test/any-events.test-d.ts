import { createReceiver, type JsonObject } from '@hookport/core'
import { github } from '@hookport/providers/github'
import { standardWebhooks } from '@hookport/providers/standard-webhooks'
import { stripe } from '@hookport/providers/stripe'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'

const secret = 'secret'

test('any event type may be handled, its data an object of unknown fields', () => {
  for (const provider of [github({ secret }), stripe({ secret }), standardWebhooks({ secret })]) {
    createReceiver({ provider }).onEvent('unheard.of', (event) => {
      expectTypeOf(event.data).toEqualTypeOf<JsonObject>()
      expectTypeOf(event.data.anything).toEqualTypeOf<unknown>()
    })
  }
})

test('data of a type with a schema is typed by it', () => {
  const schema = z.object({ amount: z.number() })
  createReceiver({ provider: stripe({ secret, events: { 'invoice.paid': schema } }) }).onEvent(
    'invoice.paid',
    (event) => {
      expectTypeOf(event.data.amount).toEqualTypeOf<number>()
    },
  )
  createReceiver({ provider: github({ secret, events: { push: schema } }) }).onEvent('push', (event) => {
    expectTypeOf(event.data.amount).toEqualTypeOf<number>()
  })
  createReceiver({ provider: standardWebhooks({ secret, events: { 'a.b': schema } }) }).onEvent(
    'a.b',
    (event) => {
      expectTypeOf(event.data.amount).toEqualTypeOf<number>()
    },
  )
})

test('an unknown option does not compile', () => {
  // @ts-expect-error GitHub signs no time, so that it has no tolerance
  github({ secret, tolerance: 1 })
  // @ts-expect-error it is tolerance
  stripe({ secret, tolerence: 1 })
  // @ts-expect-error it is retryHorizon
  standardWebhooks({ secret, retryWindow: 1 })
})
