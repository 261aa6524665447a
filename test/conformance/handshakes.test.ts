import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { createReceiver, type Provider, type Receiver } from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { webWebhooks } from '@hookport/core/web'
import { expressWebhooks } from '@hookport/express'
import { fastifyWebhooks } from '@hookport/fastify'
import { koaWebhooks } from '@hookport/koa'
import { nextWebhooks } from '@hookport/next'
import { discord } from '@hookport/providers/discord'
import { meta } from '@hookport/providers/meta'
import { slack } from '@hookport/providers/slack'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import express from 'express'
import fastify from 'fastify'
import Koa from 'koa'
import { describe, expect, onTestFinished, test } from 'vitest'
import { workedDefinition } from '../definitions/support/worked-definition.ts'

interface Asked {
  readonly method: string
  readonly url: string
  readonly headers?: Record<string, string>
  readonly body?: string
}
type Answer = (asked: Asked) => Promise<Response>

const overHttp =
  (base: string): Answer =>
  ({ url, ...init }) =>
    fetch(base + url, init)
const asRequest = ({ url, ...init }: Asked) => new Request(`http://localhost${url}`, init)

const adapters: Record<string, (receiver: Receiver) => Promise<Answer> | Answer> = {
  'node:http': async (receiver) => overHttp(await serveApp(nodeWebhooks(receiver))),
  Express: async (receiver) =>
    overHttp(await serveApp(express().use('/hook', expressWebhooks(receiver)).use(express.json()))),
  Koa: async (receiver) =>
    overHttp(await serveApp(new Koa().use(koaWebhooks(receiver, { path: '/hook' })).callback())),
  async Fastify(receiver) {
    const app = fastify()
    onTestFinished(() => app.close())
    await app.register(fastifyWebhooks(receiver), { path: '/hook' })
    return overHttp(await app.listen({ host: '127.0.0.1', port: 0 }))
  },
  'the Web': (receiver) => (asked) => Promise.resolve(webWebhooks(receiver)(asRequest(asked))),
  Next: (receiver) => (asked) =>
    Promise.resolve(nextWebhooks(receiver)[asked.method as 'POST'](asRequest(asked))),
}

const secret = 'the secret that was given out'
const time = String(Math.floor(Date.now() / 1000))
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const text = 'text/plain'

function ofSlack(body: string): Asked {
  const digest = createHmac('sha256', secret).update(`v0:${time}:${body}`).digest('hex')
  const headers = { 'x-slack-request-timestamp': time, 'x-slack-signature': `v0=${digest}` }
  return { method: 'POST', url: '/hook', headers, body }
}

function ofDiscord(body: string): Asked {
  const signature = sign(null, Buffer.from(time + body), privateKey).toString('hex')
  const headers = { 'x-signature-timestamp': time, 'x-signature-ed25519': signature }
  return { method: 'POST', url: '/hook', headers, body }
}

const subscribe = '/hook?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token='
const key = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
const asksForLeave = { 'webhook-request-origin': 'events.example.com' }
const ofCloudEvents = { 'ce-id': '1', 'ce-source': '/a', 'ce-type': 'made' }

const providers: Record<string, () => Provider> = {
  Meta: () => meta({ secret, verifyToken: 'chosen' }),
  Slack: () => slack({ secret }),
  Discord: () => discord({ secret: key }),
  CloudEvents: () => workedDefinition('CloudEvents')({ retryHorizon: 1000 }),
}

/** Status, content type and body. */
type Reply = [status: number, type: string | null, body: string]

const questions: [of: string, what: string, asked: Asked, reply: Reply][] = [
  ['Meta', 'a GET with its token', { method: 'GET', url: `${subscribe}chosen` }, [200, text, '1158201444']],
  ['Meta', 'a GET with another token', { method: 'GET', url: `${subscribe}guessed` }, [403, null, '']],
  [
    'Slack',
    'a challenge',
    ofSlack('{"type":"url_verification","challenge":"3eZbrw"}'),
    [200, text, '3eZbrw'],
  ],
  ['Slack', 'a check of TLS', ofSlack('ssl_check=1&token=a'), [200, null, '']],
  ['Slack', 'a check of TLS by GET', { method: 'GET', url: '/hook?ssl_check=1' }, [200, null, '']],
  ['Discord', 'a PING of events', ofDiscord('{"type":0}'), [204, null, '']],
  ['Discord', 'a PING of interactions', ofDiscord('{"type":1}'), [200, 'application/json', '{"type":1}']],
  [
    'CloudEvents',
    'a request for leave',
    { method: 'OPTIONS', url: '/hook', headers: asksForLeave },
    [200, null, ''],
  ],
  [
    'CloudEvents',
    'an event',
    { method: 'POST', url: '/hook', headers: ofCloudEvents, body: 'x' },
    [200, null, ''],
  ],
]

describe.each(Object.entries(adapters))('%s', (_adapter, mount) => {
  test.each(questions)('%s: %s is answered as through every other adapter', async (of, _, asked, reply) => {
    const provider = providers[of]?.() as Provider
    const week = 7 * 24 * 3600_000
    const receiver = createReceiver({ provider, dedupeWindow: week, logger: false })
    onTestFinished(() => receiver.stop())
    const { status, headers, text } = await (await mount(receiver))(asked).then(async (response) => ({
      status: response.status,
      headers: response.headers,
      text: await response.text(),
    }))
    expect([status, headers.get('content-type')?.split(';')[0] ?? null, text]).toEqual(reply)
  })
})
