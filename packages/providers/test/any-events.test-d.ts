import { createReceiver, type JsonObject } from '@hookport/core'
import { discord } from '@hookport/providers/discord'
import { github } from '@hookport/providers/github'
import { meta } from '@hookport/providers/meta'
import { shopify } from '@hookport/providers/shopify'
import { slack } from '@hookport/providers/slack'
import { standardWebhooks } from '@hookport/providers/standard-webhooks'
import { stripe } from '@hookport/providers/stripe'
import { twilio } from '@hookport/providers/twilio'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'

const secret = 'secret'

test('any event type may be handled, its data the payload, an object of unknown fields', () => {
  for (const provider of [
    github({ secret }),
    shopify({ secret }),
    slack({ secret }),
    meta({ secret }),
    twilio({ secret, publicUrl: '' }),
  ]) {
    createReceiver({ provider }).onEvent('unheard.of', (event) => {
      expectTypeOf(event.data).toEqualTypeOf<JsonObject>()
      expectTypeOf(event.data.anything).toEqualTypeOf<unknown>()
    })
  }
})

test('data that is a field of the payload may not be there', () => {
  for (const provider of [stripe({ secret }), standardWebhooks({ secret }), discord({ secret })]) {
    createReceiver({ provider }).onEvent('unheard.of', (event) => {
      expectTypeOf(event.data).toEqualTypeOf<JsonObject | undefined>()
      expectTypeOf(event.data?.anything).toEqualTypeOf<unknown>()
      // @ts-expect-error a sender may leave it out
      event.data.anything
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
