import type { Receiver } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { fastifyWebhooks, jaotWebhooks, sematryxWebhooks } from '@hookport/fastify'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { postDelivery } from '@hookport/testkit/http/serve-and-post'
import { keepHandled } from '@hookport/testkit/receivers/feed-receiver'
import {
  jaotOptions,
  jaotSecret,
  sematryxOptions,
  signedJaot,
  signedSematryx,
  testTime,
} from '@hookport/testkit/receivers/signed-deliveries'
import { fastify } from 'fastify'
import { expect, test } from 'vitest'
import { startApp } from './start-app.ts'

const clock = manualClock(testTime)
const received = { status: 200, body: '{"received":true}' }

test('both providers in one application, each under its path and its name', async () => {
  const app = fastify()
  await app.register(sematryxWebhooks, {
    ...sematryxOptions,
    path: '/webhooks/sematryx',
  })
  await app.register(jaotWebhooks, { ...jaotOptions, path: '/webhooks/jaot' })
  const [ofSematryx, ofJaot] = [keepHandled(app.sematryxWebhooks), keepHandled(app.jaotWebhooks)]
  const url = await startApp(app)

  expect(await postDelivery(`${url}/webhooks/sematryx`, signedSematryx({ id: 'evt_1' }))).toMatchObject(
    received,
  )
  expect(await postDelivery(`${url}/webhooks/jaot`, signedJaot('credits.low'))).toMatchObject(received)
  expect(await postDelivery(`${url}/webhooks/jaot`, signedSematryx())).toMatchObject({ status: 401 })
  await Promise.all([app.sematryxWebhooks.idle(), app.jaotWebhooks.idle()])
  expect(ofSematryx.map(({ id }) => id)).toEqual(['evt_1'])
  expect(ofJaot.map(({ type }) => type)).toEqual(['credits.low'])
})

test('one provider twice, under two paths, names and secrets', async () => {
  const app = fastify()
  await app.register(jaotWebhooks, {
    logger: false,
    path: '/eu',
    decorate: 'jaotEu',
    secret: 'whsec_eu',
    clock,
  })
  await app.register(jaotWebhooks, {
    logger: false,
    path: '/us',
    decorate: 'jaotUs',
    secret: jaotSecret,
    clock,
  })
  const [ofEu, ofUs] = [app.getDecorator<Receiver>('jaotEu'), app.getDecorator<Receiver>('jaotUs')]
  const [handledInEu, handledInUs] = [keepHandled(ofEu), keepHandled(ofUs)]
  const url = await startApp(app)

  expect(await postDelivery(`${url}/eu`, signedJaot('credits.low'))).toMatchObject({ status: 401 })
  expect(await postDelivery(`${url}/us`, signedJaot('credits.low'))).toMatchObject(received)
  await Promise.all([ofEu.idle(), ofUs.idle()])
  expect([handledInEu.length, handledInUs.length]).toEqual([0, 1])
})

test('twice under one name is an error that names it', async () => {
  const app = fastify()
  await app.register(jaotWebhooks, { logger: false, path: '/eu', secret: jaotSecret })
  await expect(app.register(jaotWebhooks, { path: '/us', secret: jaotSecret })).rejects.toThrow(
    'jaotWebhooks',
  )
})

test('an empty name for the decoration is an error that shows it', async () => {
  const registering = fastify().register(jaotWebhooks, { decorate: '', secret: jaotSecret })
  await expect(registering).rejects.toThrow('decorate is ""')
})

test('a limit of the route is a whole number of bytes, of 1 or more', async () => {
  const registering = (bodyLimit: number) =>
    fastify().register(fastifyWebhooks(sematryxReceiver(sematryxOptions)), { bodyLimit })
  await registering(1)
  for (const limit of [0, 1.5, '20' as never])
    await expect(registering(limit)).rejects.toThrow(`bodyLimit is ${JSON.stringify(limit)}`)
})

test('a missing secret is an error at registration', async () => {
  await expect(fastify().register(sematryxWebhooks, { path: '/', secret: undefined })).rejects.toThrow(
    'secret is missing',
  )
})

test('a receiver of your own', async () => {
  const receiver = sematryxReceiver(sematryxOptions)
  const handled = keepHandled(receiver)
  const app = fastify()
  await app.register(fastifyWebhooks(receiver), { path: '/hooks' })
  expect(app.hasPlugin('@hookport/fastify')).toBe(true)
  const url = await startApp(app)
  expect(await postDelivery(`${url}/hooks`, signedSematryx({ id: 'evt_own' }))).toMatchObject(received)
  await receiver.idle()
  expect(handled.map(({ id }) => id)).toEqual(['evt_own'])
})

test('in a scope with a prefix, the path is below the prefix', async () => {
  const app = fastify()
  await app.register(
    async (scope) => {
      await scope.register(sematryxWebhooks, {
        ...sematryxOptions,
        path: '/sematryx',
      })
    },
    { prefix: '/hooks' },
  )
  const url = await startApp(app)
  for (const path of ['/hooks/sematryx', '/hooks/sematryx/']) {
    expect(await postDelivery(url + path, signedSematryx())).toMatchObject(received)
  }
})
