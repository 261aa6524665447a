import { manualClock } from '@hookport/core/testing'
import { sematryxWebhooks } from '@hookport/fastify'
import { deferred } from '@hookport/testkit/deferred'
import { postDelivery } from '@hookport/testkit/http/serve-and-post'
import { sematryxSecret, signedSematryx, testTime } from '@hookport/testkit/receivers/signed-deliveries'
import { fastify } from 'fastify'
import { expect, test } from 'vitest'
import { startApp } from './start-app.ts'

test('closing the application waits for what was taken on', async () => {
  const app = fastify()
  const clock = manualClock(testTime)
  await app.register(sematryxWebhooks, {
    logger: false,
    path: '/hooks',
    secret: sematryxSecret,
    clock,
    concurrency: 1,
  })
  const started = deferred()
  const mayEnd = deferred()
  const handled: string[] = []
  app.sematryxWebhooks.onAnyEvent(async ({ id }) => {
    started.resolve()
    await mayEnd.promise
    handled.push(id)
  })
  const url = await startApp(app)
  for (const id of ['evt_1', 'evt_2']) await postDelivery(`${url}/hooks`, signedSematryx({ id }))
  await started.promise

  let closed = false
  const closing = app.close().then(() => {
    closed = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect([closed, handled]).toEqual([false, []])
  mayEnd.resolve()
  await closing
  expect(handled).toEqual(['evt_1', 'evt_2'])
})
