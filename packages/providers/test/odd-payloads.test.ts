import { createHmac, generateKeyPairSync, sign as signWith } from 'node:crypto'
import type { Provider } from '@hookport/core'
import { discord } from '@hookport/providers/discord'
import { github } from '@hookport/providers/github'
import { jaotReceiver } from '@hookport/providers/jaot'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { shopify } from '@hookport/providers/shopify'
import { slack } from '@hookport/providers/slack'
import { feedReceiver, heldUnreadable, received } from '@hookport/testkit/receivers/feed-receiver'
import {
  jaotOptions,
  sematryxOptions,
  signedJaot,
  signedSematryx,
} from '@hookport/testkit/receivers/signed-deliveries'
import { describe, expect, test } from 'vitest'
import { feed, nowSeconds, posted } from './support/compare.ts'

const secret = 'the secret that was given out'
const hmac = (content: string, encoding: 'hex' | 'base64' = 'hex') =>
  createHmac('sha256', secret).update(content).digest(encoding)

async function deliverOne(provider: Provider, body: string, headers: Record<string, string>) {
  const { deliver, handled, deadLetters } = feed(provider, { dedupeWindow: provider.retryHorizon })
  const reply = await deliver(posted(body, headers))
  return { reply, handled, reasons: await deadLetters() }
}

const ofGithub = (body: string) =>
  deliverOne(github({ secret }), body, {
    'x-hub-signature-256': `sha256=${hmac(body)}`,
    'x-github-event': 'star',
  })

const ofSlack = (body: string) =>
  deliverOne(slack({ secret }), body, {
    'x-slack-request-timestamp': String(nowSeconds),
    'x-slack-signature': `v0=${hmac(`v0:${nowSeconds}:${body}`)}`,
  })

const keys = generateKeyPairSync('ed25519')
const publicKey = keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')

const ofDiscord = (body: string) =>
  deliverOne(discord({ secret: publicKey }), body, {
    'x-signature-ed25519': signWith(null, Buffer.from(`${nowSeconds}${body}`), keys.privateKey).toString(
      'hex',
    ),
    'x-signature-timestamp': String(nowSeconds),
  })

describe.each([
  ['GitHub', ofGithub],
  ['Slack', ofSlack],
])('the JSON in a form of %s', (_, deliver) => {
  test.each(['7', 'null', '"text"', 'true'])(
    'that is %s is no event: it is held, and says why',
    async (json) => {
      const { reply, handled, reasons } = await deliver(new URLSearchParams({ payload: json }).toString())
      expect(reply).toEqual(heldUnreadable)
      expect(handled).toEqual([])
      expect(reasons).toEqual([expect.stringContaining('it is not a JSON object')])
    },
  )
})

describe.each(['{"action":"opened"}', 'production', ''])('a field payload that is the text %j', (payload) => {
  test('is a field like any other where the body of GitHub is JSON', async () => {
    const sent = { action: 'created', payload }
    const { handled, reasons } = await ofGithub(JSON.stringify(sent))
    expect(reasons).toEqual([])
    expect(handled.map(({ data }) => data)).toEqual([sent])
  })

  test('is a field like any other where the body of Slack is JSON', async () => {
    const sent = { type: 'event_callback', event_id: 'Ev1', payload }
    const { handled, reasons } = await ofSlack(JSON.stringify(sent))
    expect(reasons).toEqual([])
    expect(handled).toMatchObject([{ type: 'event_callback', data: sent }])
  })
})

test.each([' \t\r\n', '\ufeff', '\ufeff \n'])('JSON may begin with %j', async (blanks) => {
  const { reply, handled } = await ofGithub(`${blanks}{"action":"created"}`)
  expect(reply).toEqual(received)
  expect(handled.map(({ data }) => data)).toEqual([{ action: 'created' }])
})

test.each(['é={', '\u00a0{"a":1}', '\ufeff\ufeff{"a":1}'])('what begins with %j is a form', async (body) => {
  const { reasons } = await ofGithub(body)
  expect(reasons).toEqual([expect.stringContaining('it is neither JSON nor a form with a payload')])
})

test('a topic that is none is named as the reason why a delivery of Shopify is held', async () => {
  const { reply, reasons } = await deliverOne(shopify({ secret }), '{}', {
    'x-shopify-hmac-sha256': hmac('{}', 'base64'),
    'x-shopify-topic': 'orders create',
  })
  expect(reply).toEqual(heldUnreadable)
  expect(reasons).toEqual([expect.stringContaining('its header X-Shopify-Topic does not name a topic')])
})

test.each([{}, { type: '2' }, { type: 2.5 }, { event: {} }, { event: { type: 7 } }])(
  'what is neither an event nor an interaction of Discord is held, and says why: %j',
  async (payload) => {
    const { reply, handled, reasons } = await ofDiscord(JSON.stringify({ id: '7', ...payload }))
    expect(reply).toEqual(heldUnreadable)
    expect(handled).toEqual([])
    expect(reasons).toEqual([expect.stringContaining('neither an event with a type nor the number')])
  },
)

describe('an inner event that is null', () => {
  test('leaves an event of Slack with its own type and data', async () => {
    const payload = { type: 'event_callback', event_id: 'Ev1', event: null }
    const { handled } = await ofSlack(JSON.stringify(payload))
    expect(handled).toMatchObject([{ type: 'event_callback', id: 'Ev1', data: payload }])
  })

  test('leaves an interaction of Discord without data', async () => {
    const { handled } = await ofDiscord(JSON.stringify({ id: '7', type: 2, event: null }))
    expect(handled).toMatchObject([{ type: 'interaction.2', id: '7', data: undefined }])
  })
})

describe('data that does not fit is told of field by field, and what fits is not:', () => {
  const result = { best_solution: [0.5, -1], best_fitness: 0.1, evaluations: 3, duration_seconds: 2.5 }
  const completed = { optimization_id: 'opt_1', status: 'completed', result }

  test.each([
    [[completed], ['Invalid input: expected object, received array']],
    [null, ['Invalid input: expected object, received null']],
    [{ ...completed, status: null }, ['status: Invalid input: expected string, received null']],
    [
      { ...completed, result: { ...result, best_solution: [1, '2', 3, null] } },
      [
        'result.best_solution.1: Invalid input: expected number, received string',
        'result.best_solution.3: Invalid input: expected number, received null',
      ],
    ],
    [
      { ...completed, result: { ...result, evaluations: undefined, best_fitness: '1' } },
      [
        'result.best_fitness: Invalid input: expected number, received string',
        'result.evaluations: Invalid input: expected number, received undefined',
      ],
    ],
  ])('%j', async (data, issues) => {
    const { deliver, deadLetters } = feedReceiver(sematryxReceiver(sematryxOptions))
    await deliver(signedSematryx({ data }))
    expect(await deadLetters()).toEqual([
      `data of optimization.completed does not fit its schema: ${issues.join('; ')}`,
    ])
  })

  test('of JAOT, too', async () => {
    const { deliver, deadLetters } = feedReceiver(jaotReceiver(jaotOptions))
    await deliver(signedJaot('credits.low', { data: { current_balance: [5], threshold: 10 } }))
    expect(await deadLetters()).toEqual([
      expect.stringMatching(/current_balance: Invalid input: expected number, received array$/),
    ])
  })
})
