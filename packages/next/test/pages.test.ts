import type { IncomingMessage } from 'node:http'
import { manualClock } from '@hookport/core/testing'
import { sematryxWebhooks } from '@hookport/next/pages'
import { postDelivery, serveApp } from '@hookport/testkit/http/serve-and-post'
import { recordedLogger } from '@hookport/testkit/logs'
import { sematryxSecret, signedSematryx, testTime } from '@hookport/testkit/receivers/signed-deliveries'
import { expect, onTestFinished, test } from 'vitest'

const options = { secret: sematryxSecret, clock: manualClock(testTime) }

test('an API route receives, and is the receiver at once', async () => {
  const webhooks = sematryxWebhooks(options)
  onTestFinished(() => webhooks.stop())
  const handled: string[] = []
  webhooks.onEvent('optimization.completed', ({ id }) => {
    handled.push(id)
  })
  const url = await serveApp(webhooks)
  expect(await postDelivery(url, signedSematryx({ id: 'evt_page' }))).toMatchObject({ status: 200 })
  await webhooks.idle()
  expect(handled).toEqual(['evt_page'])
})

test('an API route is over once its reply is written, as a platform may freeze the function then', async () => {
  const webhooks = sematryxWebhooks({ ...options, consume: false })
  onTestFinished(() => webhooks.stop())
  webhooks.onAnyEvent(() => {})
  const drain = webhooks.drain({ secret: 'cron-secret' })
  const written: boolean[] = []
  const url = await serveApp(async (request, response) => {
    await (request.method === 'GET' ? drain : webhooks)(request, response)
    written.push(response.writableEnded)
  })
  expect(await postDelivery(url, signedSematryx())).toMatchObject({ status: 200 })
  const asked = await fetch(url, { headers: { authorization: 'Bearer cron-secret' } })
  expect(await asked.json()).toMatchObject({ handled: 1 })
  await expect.poll(() => written).toEqual([true, true])
})

test("a page that leaves Next's body parser on is told the line to add", async () => {
  const { logger, lines } = recordedLogger()
  const webhooks = sematryxWebhooks({ ...options, logger })
  onTestFinished(() => webhooks.stop())
  const url = await serveApp(async (request: IncomingMessage, response) => {
    for await (const _ of request);
    await webhooks(request, response)
  })
  expect(await postDelivery(url, signedSematryx())).toMatchObject({
    status: 500,
    body: '{"error":"misconfigured"}',
  })
  expect(lines.map(({ details }) => details.fix)).toEqual([
    'add to the page: export const config = { api: { bodyParser: false } }',
  ])
})
