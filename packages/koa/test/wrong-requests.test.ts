import { ConfigurationError } from '@hookport/core'
import { sematryxWebhooks } from '@hookport/koa'
import { sematryxSecret } from '@hookport/testkit/receivers/signed-deliveries'
import type { Context } from 'koa'
import { expect, onTestFinished, test } from 'vitest'

test.each<[string, unknown[]]>([
  ['nothing', []],
  ['an event of Lambda', [{ version: '2.0', rawPath: '/', headers: {}, body: '{}' }, {}]],
  ['the request and the response of Express', [{ method: 'POST', req: {}, res: {} }, { req: {} }]],
  ['a Request of the Web', [new Request('http://localhost/', { method: 'POST' })]],
  ['the context of Hono', [{ req: { raw: {} }, res: {} }, async () => {}]],
])('the middleware, and a drain, say what they need where they are called with %s', async (_, given) => {
  const webhooks = sematryxWebhooks({ secret: sematryxSecret, consume: false, logger: false })
  onTestFinished(() => webhooks.stop())
  for (const handle of [webhooks, webhooks.drain({ secret: 'the secret of the cron' })]) {
    const answer = handle(...(given as [Context, () => Promise<void>]))
    await expect(answer).rejects.toThrow(ConfigurationError)
    await expect(answer).rejects.toThrow(/no context of Koa.*app\.use\(webhooks\)/)
  }
})
