import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sematryxWebhooks } from '@hookport/express'
import { sampleEvent, signDelivery } from '@hookport/sender'
import { postDelivery, serveApp } from '@hookport/testkit/http/serve-and-post'
import express, { type RequestHandler } from 'express'
import { expect, onTestFinished, test } from 'vitest'

const secret = 'your-webhook-secret'
const page = readFileSync(join(import.meta.dirname, '../../docs/stacks/express.md'), 'utf8')
const parsers = [...page.matchAll(/`(express\.(?:json|raw)\(\{[^`]*\}\))`/g)].map(([, code = '']) => code)

test('the page for Express names two parsers that keep the bytes', () => {
  expect(parsers).toHaveLength(2)
})

test.each(parsers)('a delivery of almost 1 MiB comes through %s, mounted above', async (code) => {
  const parser: RequestHandler = new Function('express', `return ${code}`)(express)
  const webhooks = sematryxWebhooks({ secret, logger: false })
  webhooks.onAnyEvent(() => {})
  onTestFinished(() => webhooks.stop())
  const origin = await serveApp(express().use(parser).use('/webhooks/sematryx', webhooks))
  const event = { ...sampleEvent('sematryx', 'optimization.completed'), filling: 'x'.repeat(1_000_000) }
  const delivery = signDelivery({ provider: 'sematryx', form: 'compact', secret, event })
  expect(await postDelivery(`${origin}/webhooks/sematryx`, delivery)).toMatchObject({ status: 200 })
})
