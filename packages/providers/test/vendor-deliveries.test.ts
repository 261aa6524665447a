import { createHmac, generateKeyPairSync, sign as signWith } from 'node:crypto'
import type { Provider } from '@hookport/core'
import { discord } from '@hookport/providers/discord'
import { meta } from '@hookport/providers/meta'
import { shopify } from '@hookport/providers/shopify'
import { slack } from '@hookport/providers/slack'
import { twilio } from '@hookport/providers/twilio'
import { heldUnreadable, invalidSignature, received } from '@hookport/testkit/receivers/feed-receiver'
import twilioLibrary from 'twilio'
import { describe, expect, test } from 'vitest'
import { feed, nowSeconds, posted } from './support/compare.ts'

type Headers = Record<string, string>

const secret = 'the secret that was given out'
const week = 7 * 24 * 3600_000
const hmac = (content: string, encoding: 'hex' | 'base64') =>
  createHmac('sha256', secret).update(content).digest(encoding)

/** One delivery, and what a handler has of it. */
async function deliverOne(provider: Provider, body: string, headers: Headers, url = '/') {
  const { deliver, handled } = feed(provider, { dedupeWindow: week })
  const reply = await deliver({ ...posted(body, headers), url })
  return { reply, events: handled.map(({ type, id, data }) => ({ type, id, data })) }
}

async function asked(provider: Provider, url: string) {
  const { receiver } = feed(provider, { dedupeWindow: week })
  const readBody = () => Buffer.alloc(0)
  const { status, body } = await receiver.receive({ method: 'GET', url, headers: new Headers(), readBody })
  return { status, body }
}

describe('Slack', () => {
  const sign = (body: string) => ({
    'x-slack-request-timestamp': String(nowSeconds),
    'x-slack-signature': `v0=${hmac(`v0:${nowSeconds}:${body}`, 'hex')}`,
  })
  const send = (body: string) => deliverOne(slack({ secret }), body, sign(body))
  const event = { type: 'app_mention', user: 'U1', text: '<@U0> größer 🦖', ts: '1515449522.000016' }
  const action = { type: 'block_actions', trigger_id: '12321.1', actions: [{ action_id: 'a' }] }

  test('an event has the type and the data of its inner event', async () => {
    const body = { type: 'event_callback', event_id: 'Ev1', event_time: nowSeconds, event }
    const { reply, events } = await send(JSON.stringify(body))
    expect(reply).toEqual(received)
    expect(events).toEqual([{ type: 'app_mention', id: 'Ev1', data: event }])
  })

  test('an interaction is JSON in a form', async () => {
    const { events } = await send(new URLSearchParams({ payload: JSON.stringify(action) }).toString())
    expect(events).toEqual([{ type: 'block_actions', id: '12321.1', data: action }])
  })

  test('an interaction at a message is of its own type, and has the whole payload as its data', async () => {
    const atMessage = { ...action, message: { type: 'message', ts: '1515449522.000016' } }
    const { events } = await send(new URLSearchParams({ payload: JSON.stringify(atMessage) }).toString())
    expect(events).toEqual([{ type: 'block_actions', id: '12321.1', data: atMessage }])
  })

  test('a slash command is a form', async () => {
    const fields = { command: '/weather', text: '94070', trigger_id: '13345.2' }
    const { events } = await send(new URLSearchParams(fields).toString())
    expect(events).toEqual([{ type: 'slash_command', id: '13345.2', data: fields }])
  })

  test('url_verification is answered with its challenge, and no event; a stranger is not answered', async () => {
    const body = JSON.stringify({ type: 'url_verification', challenge: '3eZbrw1aBm2rZgRNFdxV2595E9CY' })
    expect(await send(body)).toEqual({
      reply: { status: 200, body: '3eZbrw1aBm2rZgRNFdxV2595E9CY' },
      events: [],
    })
    const forged = { ...sign(body), 'x-slack-signature': `v0=${'0'.repeat(64)}` }
    expect((await deliverOne(slack({ secret }), body, forged)).reply).toEqual(invalidSignature)
  })
})

describe('Slack asks whether its certificate is good', () => {
  const sign = (body: string) => ({
    'x-slack-request-timestamp': String(nowSeconds),
    'x-slack-signature': `v0=${hmac(`v0:${nowSeconds}:${body}`, 'hex')}`,
  })
  const body = 'token=1234&ssl_check=1'

  test('and is answered 200, with no event', async () => {
    expect(await deliverOne(slack({ secret }), body, sign(body))).toEqual({
      reply: { status: 200, body: '' }, // and not held
      events: [],
    })
    expect(await asked(slack({ secret }), `/?${body}`)).toEqual({ status: 200, body: '' })
  })

  test('a slash command is none, nor is any other GET', async () => {
    const command = `command=%2Fweather&trigger_id=1&${body.replace('check=1', 'check=0')}`
    const { events } = await deliverOne(slack({ secret }), command, sign(command))
    expect(events).toMatchObject([{ type: 'slash_command' }])
    expect(await asked(slack({ secret }), '/?ssl_check=0')).toMatchObject({ status: 405 })
  })
})

describe('Shopify', () => {
  const order = JSON.stringify({ id: 820982911946154500, email: 'jon@example.com', total_price: '199.00' })
  const sign = (topic: string) => ({
    'x-shopify-topic': topic,
    'x-shopify-hmac-sha256': hmac(order, 'base64'),
  })
  const send = (topic: string) => deliverOne(shopify({ secret }), order, sign(topic))

  test('an event has its topic for a type, and the whole payload for data', async () => {
    const { reply, events } = await send('orders/create')
    expect(reply).toEqual(received)
    expect(events).toEqual([
      { type: 'orders/create', id: expect.stringMatching(/^sha256:/), data: JSON.parse(order) },
    ])
  })

  test('a replay under another topic or delivery id is a duplicate', async () => {
    const { deliver, handled } = feed(shopify({ secret }))
    for (const [topic, id] of [
      ['orders/create', '1'],
      ['orders/create', '2'],
      ['orders/paid', '3'],
    ] as const)
      expect(await deliver(posted(order, { ...sign(topic), 'x-shopify-webhook-id': id }))).toEqual(received)
    expect(handled).toHaveLength(1)
  })

  const redaction = { shop_id: 1, shop_domain: 'a.myshopify.com' }
  const privacy = {
    'shop/redact': redaction,
    'customers/redact': { ...redaction, customer: { id: 1 }, orders_to_redact: [] },
    'customers/data_request': { ...redaction, customer: { id: 1 }, data_request: { id: 9 } },
  }
  test.each(Object.keys(privacy))('a replay of another topic as %s reaches no handler', async (topic) => {
    const { shop_id, shop_domain } = redaction
    const others = { 'orders/create': JSON.parse(order), 'orders/paid': { id: 1, customer: { id: 1 } } }
    const parts = { 'with an id alone': { shop_id }, 'with a domain alone': { shop_domain } }
    for (const [name, payload] of Object.entries({ ...privacy, ...others, ...parts })) {
      const body = JSON.stringify(payload)
      const headers = { 'x-shopify-topic': topic, 'x-shopify-hmac-sha256': hmac(body, 'base64') }
      const { reply, events } = await deliverOne(shopify({ secret }), body, headers)
      expect(reply, name).toEqual(name === topic ? received : heldUnreadable)
      expect(events, name).toHaveLength(name === topic ? 1 : 0)
    }
  })

  test.each(['customer.tags_added', 'app', 'metaobjects/update', 'a/b/c', 'SUBSCRIPTION_CONTRACTS_CREATE'])(
    'the topic %s, which is not as most are, is a type all the same',
    async (topic) => {
      const { reply, events } = await send(topic)
      expect(reply).toEqual(received)
      expect(events).toMatchObject([{ type: topic, data: JSON.parse(order) }])
    },
  )

  test.each(['', 'orders create', 'orders/créate', 'x'.repeat(121)])(
    'the topic %j is none: it is held, unread',
    async (topic) => {
      const headers = { ...sign('orders/create'), 'x-shopify-topic': topic }
      expect(await deliverOne(shopify({ secret }), order, headers)).toEqual({
        reply: heldUnreadable,
        events: [],
      })
    },
  )
})

describe('Events of Shopify, which have headers of their own', () => {
  const change = { topic: 'Product', action: 'update', handle: 'prices', data: { product: { title: '🦖' } } }
  const send = (payload: object, headers: Headers = {}) => {
    const body = JSON.stringify(payload)
    const signed = { 'shopify-topic': 'Order', 'shopify-hmac-sha256': hmac(body, 'base64'), ...headers }
    return deliverOne(shopify({ secret }), body, signed)
  }

  test('the type is topic and action of the body, which are signed; the headers that are not have no say', async () => {
    const { reply, events } = await send(change, { 'x-shopify-topic': 'orders/paid' })
    expect(reply).toEqual(received)
    expect(events).toEqual([{ type: 'Product/update', id: expect.stringMatching(/^sha256:/), data: change }])
  })

  test('a body without them, as that of a webhook under these headers, is held, unread', async () => {
    expect(await send({ id: 1 })).toEqual({ reply: heldUnreadable, events: [] })
  })
})

describe('Twilio', () => {
  const publicUrl = 'https://example.com/sms'
  const send = (fields: Record<string, string>) =>
    deliverOne(twilio({ secret, publicUrl }), new URLSearchParams(fields).toString(), {
      'x-twilio-signature': twilioLibrary.getExpectedTwilioSignature(secret, publicUrl, fields),
    })

  test.each([
    ['message.delivered', { MessageSid: 'SM1', MessageStatus: 'delivered' }],
    ['call.completed', { CallSid: 'CA1', CallStatus: 'completed' }],
    ['message.received', { MessageSid: 'SM1', Body: 'größer 🦖 + 1', From: '+15017122661' }],
    ['request', { RecordingSid: 'RE1' }],
  ])('%s is a form, and its fields are the data', async (type, fields) => {
    const { reply, events } = await send(fields as Record<string, string>)
    expect(reply).toEqual(received)
    expect(events).toEqual([{ type, id: expect.stringMatching(/^sha256:/), data: fields }])
  })
})

describe('Meta', () => {
  const verifyToken = 'chosen in the dashboard'
  const query = (token: string) =>
    `/?${new URLSearchParams({ 'hub.mode': 'subscribe', 'hub.challenge': '1158201444', 'hub.verify_token': token })}`

  test('a WhatsApp notification has its object for a type, and the whole payload for data', async () => {
    const payload = { object: 'whatsapp_business_account', entry: [{ id: '1', changes: [] }] }
    const body = JSON.stringify(payload)
    const headers = { 'x-hub-signature-256': `sha256=${hmac(body, 'hex')}` }
    const { reply, events } = await deliverOne(meta({ secret }), body, headers)
    expect(reply).toEqual(received)
    expect(events).toMatchObject([{ type: 'whatsapp_business_account', data: payload }])
  })

  test('one of Threads has no object: its topic is its type', async () => {
    const value = { id: '8901234', text: 'Reply', root_post: { id: '123456' } }
    const payload = { app_id: '1', topic: 'moderate', time: 1723226877, values: { value, field: 'replies' } }
    const body = JSON.stringify(payload)
    const headers = { 'x-hub-signature-256': `sha256=${hmac(body, 'hex')}` }
    const { reply, events } = await deliverOne(meta({ secret }), body, headers)
    expect(reply).toEqual(received)
    expect(events).toMatchObject([{ type: 'moderate', data: payload }])
  })

  test('its GET is given the challenge for the token, and 403 for another', async () => {
    const provider = meta({ secret, verifyToken })
    expect(await asked(provider, query(verifyToken))).toEqual({ status: 200, body: '1158201444' })
    expect(await asked(provider, query('guessed'))).toEqual({ status: 403, body: '' })
    expect(await asked(provider, '/?hub.mode=subscribe&hub.challenge=1')).toEqual({ status: 403, body: '' })
    expect(await asked(provider, '/')).toMatchObject({ status: 405 })
  })

  test('without a verifyToken no GET is answered', async () => {
    expect(await asked(meta({ secret }), query(''))).toMatchObject({ status: 405 })
  })

  test('a dedupeWindow shorter than its retries is an error that says so', () => {
    expect(() => feed(meta({ secret }), { dedupeWindow: week - 1 })).toThrow(/meta retries a delivery for/)
  })
})

describe('Discord', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
  const send = (payload: object) => {
    const body = JSON.stringify(payload)
    const signature = signWith(null, Buffer.from(`${nowSeconds}${body}`), privateKey).toString('hex')
    return deliverOne(discord({ secret: key }), body, {
      'x-signature-ed25519': signature,
      'x-signature-timestamp': String(nowSeconds),
    })
  }

  test('a webhook event has the type and the data of its inner event', async () => {
    const event = { type: 'APPLICATION_AUTHORIZED', timestamp: '2026-11-20T11:59:58.1', data: { scopes: [] } }
    const { reply, events } = await send({ version: 1, application_id: '1', type: 1, event })
    expect(reply).toEqual(received)
    expect(events).toMatchObject([{ type: 'APPLICATION_AUTHORIZED', data: { scopes: [] } }])
  })

  test('an interaction has its number in its type, and is known by its id', async () => {
    const interaction = { id: '786008729715212338', type: 2, data: { name: 'cardsearch' } }
    const { events } = await send(interaction)
    expect(events).toEqual([{ type: 'interaction.2', id: '786008729715212338', data: interaction }])
  })

  test('the PING of webhook events is answered 204, that of interactions with a PONG; neither is an event', async () => {
    expect(await send({ version: 1, application_id: '1', type: 0 })).toMatchObject({
      reply: { status: 204 },
      events: [],
    })
    expect(await send({ id: '1', application_id: '1', type: 1 })).toEqual({
      reply: { status: 200, body: { type: 1 } },
      events: [],
    })
  })
})
