import type { EventMap } from '@hookport/core'
import { type ExpressWebhooks, jaotWebhooks, sematryxWebhooks } from '@hookport/express'
import { jaot } from '@hookport/providers/jaot'
import { sematryx } from '@hookport/providers/sematryx'
import {
  createSender,
  eventTypes,
  type ProviderName,
  sampleEvent,
  type WireChoice,
  wireForms,
} from '@hookport/sender'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import {
  jaotOptions,
  jaotSecret,
  sematryxOptions,
  sematryxSecret,
  testTime,
} from '@hookport/testkit/receivers/signed-deliveries'
import express from 'express'
import { describe, expect, onTestFinished, test } from 'vitest'

const seeds = [1, 2, 3, 4, 5, 6, 7, 8]

interface Handled {
  id: string
  data: unknown
}

/** A receiver over Express, whose handlers are registered by type, and a sender that sends to it. */
async function connect(webhooks: ExpressWebhooks<EventMap>, wire: WireChoice, secret: string) {
  const handled: Handled[] = []
  const unhandled: string[] = []
  webhooks
    .onEvent(eventTypes[wire.provider], ({ id, data }) => {
      handled.push({ id, data })
    })
    .onUnhandledEvent(({ type }) => {
      unhandled.push(type)
    })
    .start()
  onTestFinished(() => webhooks.stop())
  const url = await serveApp(express().use(webhooks))
  const sender = createSender({
    ...wire,
    url: `${url}/webhooks/${wire.provider}`,
    secret,
    schedule: [],
  })
  onTestFinished(() => sender.close())
  return { handled, unhandled, sender }
}

async function expectEverySeedHandled(
  webhooks: ExpressWebhooks<EventMap>,
  wire: WireChoice,
  secret: string,
  type: string,
) {
  const { handled, unhandled, sender } = await connect(webhooks, wire, secret)
  const events = seeds.map((seed) => sampleEvent(wire.provider, type, { seed, at: testTime }))
  for (const event of events) {
    expect(await sender.send(event)).toMatchObject({
      type,
      outcome: 'delivered',
      attempts: [{ status: 200, responseBody: '{"received":true}' }],
    })
  }
  await webhooks.idle()
  expect(await webhooks.inbox.counts()).toEqual(emptyCounts)
  expect(unhandled).toEqual([])
  expect(handled.map(({ data }) => data)).toEqual(events.map(({ data }) => data))
  expect(new Set(handled.map(({ id }) => id)).size).toBe(seeds.length)
}

describe.each(wireForms.sematryx)('Sematryx, %s', (form) => {
  test.each(eventTypes.sematryx)('%s is delivered, fits its schema, and is handled', async (type) => {
    const acceptReserialized = form === 'reserialized'
    const webhooks = sematryxWebhooks({ ...sematryxOptions, acceptReserialized })
    await expectEverySeedHandled(webhooks, { provider: 'sematryx', form }, sematryxSecret, type)
  })
})

describe.each(wireForms.jaot)('JAOT, %s', (form) => {
  test.each(eventTypes.jaot)('%s is delivered, fits its schema, and is handled', async (type) => {
    const webhooks = jaotWebhooks(jaotOptions)
    await expectEverySeedHandled(webhooks, { provider: 'jaot', form }, jaotSecret, type)
  })
})

test.each<[ProviderName, Iterable<string>]>([
  ['sematryx', sematryx({ secret: 'secret' }).events.keys()],
  ['jaot', jaot({ secret: 'secret' }).events.keys()],
])(
  'the receiver has a schema for exactly the types that %s is known to send',
  (provider, typesWithSchema) => {
    expect([...typesWithSchema].sort()).toEqual([...eventTypes[provider]].sort())
  },
)

test('every schema refuses something, so that fitting it says something', async () => {
  for (const provider of [sematryx({ secret: 'secret' }), jaot({ secret: 'secret' })]) {
    for (const schema of provider.events.values()) {
      expect(await schema['~standard'].validate('no object')).toHaveProperty('issues')
    }
  }
})
