import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ReceiverOptions, sematryxWebhooks } from '@hookport/express'
import { type SignedDelivery, sampleEvent, signDelivery } from '@hookport/sender'
import { holdDelivery, postDelivery, serveApp } from '@hookport/testkit/http/serve-and-post'
import { startNginx } from '@hookport/testkit/servers/nginx'
import express from 'express'
import { expect, onTestFinished, test } from 'vitest'

const secret = 'your-webhook-secret'
const received = { status: 200, body: '{"received":true}' }

/** The lines of docs/stacks/nginx.md, in front of an application. */
async function behindNginx(options: Partial<ReceiverOptions> = {}) {
  const seen: { url: string; headers: readonly string[] }[] = []
  const ids: string[] = []
  const webhooks = sematryxWebhooks({ secret, logger: false, ...(options as object) })
  webhooks.onEvent('optimization.completed', ({ id }) => void ids.push(id))
  const app = express()
  app.use((request, _response, next) => {
    seen.push({ url: request.originalUrl, headers: Object.keys(request.headers) })
    next()
  })
  app.use('/webhooks/sematryx', webhooks)
  const page = await readFile(join(import.meta.dirname, '../../docs/stacks/nginx.md'), 'utf8')
  const [, location = ''] = /^```nginx\n(.*?)^```/ms.exec(page) ?? []
  const nginx = await startNginx(location.replace('http://127.0.0.1:3000', await serveApp(app)))
  onTestFinished(() => nginx.stop())
  onTestFinished(() => webhooks.stop())
  return { url: `${nginx.origin}/webhooks/sematryx`, seen, ids, webhooks }
}

function delivery(filling = ''): SignedDelivery {
  const event = { ...sampleEvent('sematryx', 'optimization.completed', { at: Date.now() }), filling }
  return signDelivery({ provider: 'sematryx', form: 'unicode', secret, event })
}

test('a delivery comes through nginx byte for byte, its query too, and is handled once', async () => {
  const { url, seen, ids, webhooks } = await behindNginx()
  const sent = delivery('ж€\u2028"\\ '.repeat(60_000))
  expect(sent.body.length).toBeGreaterThan(500_000)
  for (let time = 0; time < 2; time++)
    expect(await postDelivery(`${url}?a=%2F..%2f&b`, sent)).toMatchObject(received)
  await webhooks.idle()
  expect(ids).toHaveLength(1)
  expect(seen[0]?.url).toBe('/webhooks/sematryx?a=%2F..%2f&b')
})

test('nginx itself answers 413 to a body above its limit, and the application never sees it', async () => {
  const { url, seen } = await behindNginx()
  expect(await postDelivery(url, delivery('x'.repeat(1024 * 1024)))).toMatchObject({ status: 413 })
  expect(seen).toEqual([])
})

test('a slow sender occupies nginx, and not the application: bodyTimeout does not apply', async () => {
  const { url, seen } = await behindNginx({ bodyTimeout: 200 })
  const slow = holdDelivery(url, delivery())
  await sleep(600)
  expect(seen).toEqual([])
  expect(await slow.finish()).toEqual(received)
})

test('nginx drops headers whose names have an underscore, and leaves the others', async () => {
  const { url, seen } = await behindNginx()
  const sent = delivery()
  const headers = { ...sent.headers, x_signature: '1', 'x-other': '2' }
  expect(await postDelivery(url, { ...sent, headers })).toMatchObject(received)
  expect(seen[0]?.headers).toEqual(
    expect.arrayContaining([...Object.keys(sent.headers).map((name) => name.toLowerCase()), 'x-other']),
  )
  expect(seen[0]?.headers).not.toContain('x_signature')
})
