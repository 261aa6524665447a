import { manualClock } from '@hookport/core/testing'
import { postDelivery, serveApp } from '@hookport/testkit/http/serve-and-post'
import { sematryxSecret, signedSematryx, testTime } from '@hookport/testkit/receivers/signed-deliveries'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'

/** A secret that remembers which URL it was asked for. */
function asking() {
  const asked: string[] = []
  const secret = ({ url }: { url: string }) => {
    asked.push(url)
    return sematryxSecret
  }
  return { asked, options: { secret, clock: manualClock(testTime), logger: false as const } }
}

describe('an application with a basePath: the secret is asked for the URL that the client asked for', () => {
  beforeEach(() => {
    vi.stubEnv('__NEXT_ROUTER_BASEPATH', '/shop')
    vi.resetModules()
  })
  afterEach(() => vi.unstubAllEnvs())

  test('App Router: Next takes the basePath off', async () => {
    const { sematryxWebhooks } = await import('@hookport/next')
    const { asked, options } = asking()
    const webhooks = sematryxWebhooks(options)
    onTestFinished(() => webhooks.stop())
    const { headers, body } = signedSematryx()
    const url = 'http://localhost/hooks/ac%20me/?a=%2F'
    const announced = { ...headers, 'content-length': String(body.length) }
    const whole = await webhooks.POST(new Request(url, { method: 'POST', headers: announced, body }))
    const stream = new Blob([body]).stream()
    const pieces = await webhooks.POST(
      new Request(url, { method: 'POST', headers, body: stream, duplex: 'half' } as RequestInit),
    )
    expect([whole.status, pieces.status]).toEqual([200, 200])
    expect(asked).toEqual(['/shop/hooks/ac%20me/?a=%2F', '/shop/hooks/ac%20me/?a=%2F'])
  })

  test('App Router: a body that something has read before is a misconfiguration, as without a basePath', async () => {
    const { sematryxWebhooks } = await import('@hookport/next')
    const webhooks = sematryxWebhooks(asking().options)
    onTestFinished(() => webhooks.stop())
    const { headers, body } = signedSematryx()
    const request = new Request('http://localhost/hooks/acme', { method: 'POST', headers, body })
    await request.text()
    const response = await webhooks.POST(request)
    expect([response.status, await response.json()]).toEqual([500, { error: 'misconfigured' }])
  })

  test('App Router, edge runtime: Next leaves it on, and it is not there twice', async () => {
    const { sematryxWebhooks } = await import('@hookport/next')
    const { asked, options } = asking()
    const webhooks = sematryxWebhooks(options)
    onTestFinished(() => webhooks.stop())
    const { headers, body } = signedSematryx()
    const request = new Request('http://localhost/shop/hooks/acme', { method: 'POST', headers, body })
    Object.assign(request, { nextUrl: { basePath: '/shop' } })
    expect(await webhooks.POST(request)).toMatchObject({ status: 200 })
    expect(asked).toEqual(['/shop/hooks/acme'])
  })

  test('Pages Router: Next keeps what was asked for beside the request', async () => {
    const { sematryxWebhooks } = await import('@hookport/next/pages')
    const { asked, options } = asking()
    const webhooks = sematryxWebhooks(options)
    onTestFinished(() => webhooks.stop())
    const url = await serveApp(async (request, response) => {
      const initURL = 'http://localhost/shop/api/acme?a=%2F'
      Object.assign(request, { url: '/api/acme?a=%2F', [Symbol.for('NextInternalRequestMeta')]: { initURL } })
      await webhooks(request, response)
    })
    expect(await postDelivery(url, signedSematryx())).toMatchObject({ status: 200 })
    expect(asked).toEqual(['/shop/api/acme?a=%2F'])
  })
})
