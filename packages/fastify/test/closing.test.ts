import { manualClock } from '@hookport/core/testing'
import { sematryxWebhooks } from '@hookport/fastify'
import { fastify } from 'fastify'
import { expect, test } from 'vitest'
import { closedGate } from '../../../test/support/gate.ts'
import { postDelivery } from '../../../test/support/post-delivery.ts'
import { sematryxSecret, signedSematryx, testTime } from '../../../test/support/signed-deliveries.ts'
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
  const started = closedGate()
  const mayEnd = closedGate()
  const handled: string[] = []
  app.sematryxWebhooks.onAnyEvent(async ({ id }) => {
    started.open()
    await mayEnd.opened
    handled.push(id)
  })
  const url = await startApp(app)
  for (const id of ['evt_1', 'evt_2']) await postDelivery(`${url}/hooks`, signedSematryx({ id }))
  await started.opened

  let closed = false
  const closing = app.close().then(() => {
    closed = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect([closed, handled]).toEqual([false, []])
  mayEnd.open()
  await closing
  expect(handled).toEqual(['evt_1', 'evt_2'])
})
