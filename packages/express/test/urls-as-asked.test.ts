import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { sematryxWebhooks } from '@hookport/express'
import { expressVersions } from '@hookport/testkit/http/express-versions'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { sematryxOptions, signedSematryx } from '@hookport/testkit/receivers/signed-deliveries'
import { describe, expect, test } from 'vitest'

describe.each(expressVersions)('$version: mounted without a path', (version) => {
  /** The target is what stands in the request line. */
  async function answerTo(target: string): Promise<number | undefined> {
    const app = version.express().use(sematryxWebhooks({ ...sematryxOptions, logger: false }))
    const { headers, body } = signedSematryx()
    const outgoing = request(await serveApp(app), { method: 'POST', path: target, headers, agent: false })
    const [response]: [IncomingMessage] = (await once(outgoing.end(body), 'response')) as never
    response.resume()
    return response.statusCode
  }

  test.each([
    'http://localhost/webhooks/sematryx',
    'https://shop.example:8443/webhooks/sematryx/?a=1',
    'HTTP://LOCALHOST/webhooks/sematryx',
  ])('its own path is answered in a whole URL, as proxies ask: %s', async (target) => {
    expect(await answerTo(target)).toBe(200)
  })

  test.each(['/webhooks/sem%61tryx', '/%77ebhooks/sematryx/'])(
    'its own path is answered in any encoding: %s',
    async (target) => {
      expect(await answerTo(target)).toBe(200)
    },
  )

  test.each([
    'http://localhost/orders?from=http://a/webhooks/sematryx',
    '/webhooks/sematryx/http://localhost',
    '/webhooks%2Fsematryx',
  ])('another one that only looks like it is passed on: %s', async (target) => {
    expect(await answerTo(target)).toBe(404)
  })
})
