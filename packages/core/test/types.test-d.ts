import {
  createReceiver,
  defineProvider,
  type EventOf,
  type EventsOf,
  type ReceiverOptions,
  type WebhookEvent,
} from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { expectTypeOf, test } from 'vitest'
import { acme, type acmeEvents, readAcmeEnvelope } from './support/acme.ts'
import { objectWith } from './support/object-schema.ts'

const receiver = createReceiver({ provider: acme() })

test('the data of an event has the type that its schema validates to', () => {
  receiver.onEvent('order.paid', (event, context) => {
    expectTypeOf(event.type).toEqualTypeOf<'order.paid'>()
    expectTypeOf(event.data).toEqualTypeOf<{ amount: number }>()
    expectTypeOf(event.createdAt).toEqualTypeOf<Date>()
    expectTypeOf(event.rawBody).toEqualTypeOf<Uint8Array<ArrayBuffer>>()
    expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>()
    expectTypeOf(context.attempt).toEqualTypeOf<number>()
    // @ts-expect-error: an order that is paid has no reason
    event.data.reason
  })
})

test('several types give a union that its type tells apart', () => {
  receiver.onEvent(['order.paid', 'order.cancelled'], (event) => {
    expectTypeOf(event.type).toEqualTypeOf<'order.paid' | 'order.cancelled'>()
    if (event.type === 'order.paid') expectTypeOf(event.data).toEqualTypeOf<{ amount: number }>()
    else expectTypeOf(event.data).toEqualTypeOf<{ reason: string }>()
    // @ts-expect-error: which of the two it is has to be found out first
    event.data.amount
  })
})

test('the name of an event that the provider does not send is an error', () => {
  // @ts-expect-error
  receiver.onEvent('order.payed', () => {})
  // @ts-expect-error
  receiver.onEvent(['order.paid', 'order.canceled'], () => {})
})

test('events of any type have data that has to be looked at first', () => {
  receiver.onAnyEvent((event) => expectTypeOf(event).toEqualTypeOf<WebhookEvent<string, unknown>>())
  receiver.onUnhandledEvent((event) => expectTypeOf(event.data).toEqualTypeOf<unknown>())
})

test('registration returns the receiver, with its types', () => {
  expectTypeOf(receiver.onEvent('order.paid', () => {})).toEqualTypeOf(receiver)
  expectTypeOf(receiver.onAnyEvent(() => {}).onUnhandledEvent(() => {})).toEqualTypeOf(receiver)
  const webhooks = nodeWebhooks(receiver)
  expectTypeOf(webhooks.onEvent('order.paid', () => {})).toEqualTypeOf(webhooks)
  // @ts-expect-error
  webhooks.onEvent('order.payed', () => {})
})

test('a schema whose output differs from its input gives the output', () => {
  const provider = defineProvider({
    name: 'dates',
    secret: 'secret',
    retryHorizon: 0,
    events: {
      happened: {
        '~standard': {
          version: 1,
          vendor: 'hand-made',
          validate: (value: unknown) => ({ value: new Date(String(value)) }),
          types: {} as { input: string; output: Date },
        },
      },
    },
    signatureHeaders: [],
    readSignature: () => 'missing',
    readEnvelope: readAcmeEnvelope,
  })
  createReceiver({ provider }).onEvent('happened', ({ data }) => expectTypeOf(data).toEqualTypeOf<Date>())
})

test('the events of a map can be named outside of a handler', () => {
  expectTypeOf<EventOf<EventsOf<typeof acmeEvents>, 'order.paid'>>().toEqualTypeOf<
    WebhookEvent<'order.paid', { amount: number }>
  >()
})

test('an option that does not exist, or has another type, is an error', () => {
  // @ts-expect-error
  createReceiver({ provider: acme(), dedupewindow: 1 })
  // @ts-expect-error
  createReceiver({ provider: acme(), acknowledge: 'later' })
  // @ts-expect-error
  createReceiver({})
  // @ts-expect-error
  createReceiver({ provider: acme(), observers: { acepted: () => {} } })
  expectTypeOf<ReceiverOptions['maxAge']>().toEqualTypeOf<number | undefined>()
})

test('a secret may be what process.env holds, and one must not be a number', () => {
  acme({ secret: process.env.ACME_SECRET })
  // @ts-expect-error
  acme({ secret: 42 })
})

test('schemas are Standard Schemas, and nothing else', () => {
  const definition = {
    name: 'x',
    secret: 'secret',
    retryHorizon: 0,
    signatureHeaders: [],
    readSignature: () => 'missing' as const,
    readEnvelope: readAcmeEnvelope,
  }
  defineProvider({ ...definition, events: { happened: objectWith<{ at: number }>({ at: 'number' }) } })
  // @ts-expect-error
  defineProvider({ ...definition, events: { happened: {} } })
})
