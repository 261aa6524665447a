import { createHmac, createSign, generateKeyPairSync } from 'node:crypto'
import { createReceiver, type Provider } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import {
  feedReceiver,
  invalidSignature,
  missingSignature,
  received,
} from '@hookport/testkit/receivers/feed-receiver'
import { Paddle } from '@paddle/paddle-node-sdk'
import { EventWebhook } from '@sendgrid/eventwebhook'
import { CloudEvent, HTTP } from 'cloudevents'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { workedDefinition } from './support/worked-definition.ts'

type Headers = Record<string, string>

const now = Date.parse('2026-11-20T12:00:00Z')
const seconds = String(now / 1000)
const iso = '2026-11-20T11:59:58.123Z'
const secret = 'the secret that was given out'
const publicUrl = 'https://example.com/webhooks/in'
const keys = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const publicKey = keys.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')

const hmac = (content: string, encoding: 'hex' | 'base64', key = secret) =>
  createHmac('sha256', key).update(content).digest(encoding)

/** What a sender sends, and how it signs that. */
interface Sender {
  options: object
  body: string
  sign(body: string): Headers
  /** Of the header that holds the digest: what stands ahead of it, and how it is written. */
  signature: { header: string; prefix: string; encoding: 'hex' | 'base64' }
  /** The types and ids that handlers see. */
  events: [type: string, id: string | RegExp][]
}

const linearBody = {
  action: 'create',
  type: 'Issue',
  createdAt: iso,
  data: { id: '2174add1', title: 'größer 🦖' },
  webhookTimestamp: now,
}
const hubspotEvent = (eventId: number) => ({
  eventId,
  subscriptionId: 25,
  occurredAt: now - 2000,
  subscriptionType: 'contact.creation',
  attemptNumber: 0,
  objectId: 123,
})
const sendgridEvent = (id: string) => ({
  sg_event_id: id,
  event: 'delivered',
  timestamp: now / 1000,
  email: 'a@b.c',
})

const senders: Record<string, Sender> = {
  Linear: {
    options: { secret },
    body: JSON.stringify(linearBody),
    sign: (body) => ({ 'linear-signature': hmac(body, 'hex') }),
    signature: { header: 'linear-signature', prefix: '', encoding: 'hex' },
    events: [['Issue.create', `Issue.create:2174add1:${iso.replaceAll(':', '%3A')}`]],
  },
  Paddle: {
    options: { secret },
    body: JSON.stringify({ event_id: 'evt_1', event_type: 'customer.created', occurred_at: iso, data: {} }),
    sign: (body) => ({ 'paddle-signature': `ts=${seconds};h1=${hmac(`${seconds}:${body}`, 'hex')}` }),
    signature: { header: 'paddle-signature', prefix: `ts=${seconds};h1=`, encoding: 'hex' },
    events: [['customer.created', 'evt_1']],
  },
  Square: {
    options: { secret, publicUrl },
    body: JSON.stringify({ event_id: 'e1', type: 'payment.updated', created_at: iso, data: {} }),
    sign: (body) => ({ 'x-square-hmacsha256-signature': hmac(publicUrl + body, 'base64') }),
    signature: { header: 'x-square-hmacsha256-signature', prefix: '', encoding: 'base64' },
    events: [['payment.updated', 'e1']],
  },
  Zoom: {
    options: { secret },
    body: JSON.stringify({ event: 'meeting.started', event_ts: now, payload: { object: { id: 1 } } }),
    sign: (body) => ({
      'x-zm-request-timestamp': seconds,
      'x-zm-signature': `v0=${hmac(`v0:${seconds}:${body}`, 'hex')}`,
    }),
    signature: { header: 'x-zm-signature', prefix: 'v0=', encoding: 'hex' },
    events: [['meeting.started', /^sha256:/]],
  },
  HubSpot: {
    options: { secret, publicUrl },
    body: JSON.stringify([hubspotEvent(1), hubspotEvent(2)]),
    sign: (body) => ({
      'x-hubspot-request-timestamp': String(now),
      'x-hubspot-signature-v3': hmac(`POST${publicUrl}${body}${now}`, 'base64'),
    }),
    signature: { header: 'x-hubspot-signature-v3', prefix: '', encoding: 'base64' },
    events: [
      ['contact.creation', `25:1:${now - 2000}:123`],
      ['contact.creation', `25:2:${now - 2000}:123`],
    ],
  },
  SendGrid: {
    options: { secret: publicKey },
    body: `${JSON.stringify([sendgridEvent('a'), sendgridEvent('b')]).replace('},{', '},\r\n{')}\r\n`,
    sign: (body) => ({
      'x-twilio-email-event-webhook-timestamp': seconds,
      'x-twilio-email-event-webhook-signature': createSign('sha256')
        .update(seconds + body)
        .sign(keys.privateKey, 'base64'),
    }),
    signature: { header: 'x-twilio-email-event-webhook-signature', prefix: '', encoding: 'base64' },
    events: [
      ['delivered', 'a'],
      ['delivered', 'b'],
    ],
  },
}

function feed(provider: Provider, at = now) {
  const receiver = createReceiver({ provider, clock: manualClock(at), logger: false })
  const { deliver, handled } = feedReceiver(receiver)
  const post = (body: string, headers: Headers) =>
    deliver({ method: 'POST', url: '/behind/a/proxy', headers, body: Buffer.from(body) })
  return { receiver, handled, post }
}

describe.each(Object.entries(senders))('%s, as docs/providers.md defines it', (heading, sender) => {
  const { body, options, signature, events } = sender
  const setUp = () => feed(workedDefinition(heading)(options))

  test('what it sends is handled once, under its type and id', async () => {
    const { post, handled } = setUp()
    expect(await post(body, sender.sign(body))).toEqual(received)
    expect(await post(body, sender.sign(body))).toEqual(received)
    expect(handled.map(({ type, id }) => [type, id])).toEqual(
      events.map(([type, id]) => [type, typeof id === 'string' ? id : expect.stringMatching(id)]),
    )
  })

  test('another body, a flipped bit, a cut-off or an empty signature, and another spelling are refused', async () => {
    const { post, handled } = setUp()
    const headers = sender.sign(body)
    const { header, prefix, encoding } = signature
    const digest = Buffer.from((headers[header] ?? '').slice(prefix.length), encoding)
    const write = (bytes: Buffer) => ({ ...headers, [header]: prefix + bytes.toString(encoding) })
    const flipped = Buffer.from(digest)
    flipped[digest.length - 1] = (flipped[digest.length - 1] ?? 0) ^ 1
    expect(await post(`${body} `, headers)).toEqual(invalidSignature)
    expect(await post(body, write(flipped))).toEqual(invalidSignature)
    expect(await post(body, write(digest.subarray(0, -1)))).toEqual(invalidSignature)
    expect(await post(body, { ...headers, [header]: `${prefix}~` })).toEqual(invalidSignature)
    expect(await post(body, { ...headers, [header]: '' })).toEqual(missingSignature)
    for (const name of Object.keys(headers))
      expect(await post(body, { ...headers, [name]: '' }), name).toEqual(missingSignature)
    expect(handled).toEqual([])
  })
})

test('Paddle’s own library accepts what the test signs, and either digest is good while a secret is replaced', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now })
  onTestFinished(() => void vi.useRealTimers())
  const { body, sign } = senders.Paddle as Sender
  const header = sign(body)['paddle-signature'] ?? ''
  const { webhooks } = new Paddle('key')
  expect(await webhooks.isSignatureValid(body, secret, header)).toBe(true)
  const [time, digest] = header.split(';')
  const { post } = feed(workedDefinition('Paddle')({ secret }))
  const wrong = `h1=${'0'.repeat(64)}`
  expect(await post(body, { 'paddle-signature': `${time};${wrong};${digest}` })).toEqual(received)
  expect(await post(body, { 'paddle-signature': `${time};${wrong};${wrong}` })).toEqual(invalidSignature)
})

test('SendGrid’s own library accepts what the test signs', () => {
  const { body, sign } = senders.SendGrid as Sender
  const headers = sign(body)
  const library = new EventWebhook()
  const key = library.convertPublicKeyToECDSA(publicKey)
  const given = headers['x-twilio-email-event-webhook-signature'] ?? ''
  expect(library.verifySignature(key, body, given, seconds)).toBe(true)
  expect(library.verifySignature(key, `${body} `, given, seconds)).toBe(false)
})

test('SendGrid: the known answer of its library’s tests holds', async () => {
  const key =
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=='
  const headers = {
    'x-twilio-email-event-webhook-timestamp': '1600112502',
    'x-twilio-email-event-webhook-signature':
      'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=',
  }
  const body =
    '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]\r\n'
  const { post, handled } = feed(workedDefinition('SendGrid')({ secret: key }), 1_600_112_502_000)
  expect(await post(body, headers)).toEqual(received)
  expect(handled.map(({ type }) => type)).toEqual(['dropped'])
})

describe('Zoom asks for the HMAC of a token', () => {
  const { sign } = senders.Zoom as Sender
  const question = (plainToken: string) =>
    JSON.stringify({ event: 'endpoint.url_validation', event_ts: now, payload: { plainToken } })

  test('and is given it, and no event is handled', async () => {
    const { post, handled } = feed(workedDefinition('Zoom')({ secret }))
    const body = question('qgg8vlvZRS6UYooatFL8Aw')
    const encryptedToken = hmac('qgg8vlvZRS6UYooatFL8Aw', 'hex')
    expect(await post(body, sign(body))).toEqual({
      status: 200,
      body: { plainToken: 'qgg8vlvZRS6UYooatFL8Aw', encryptedToken },
    })
    expect(handled).toEqual([])
  })

  test('a stranger is not, nor is anybody for a text that could be a delivery', async () => {
    const { post } = feed(workedDefinition('Zoom')({ secret }))
    const body = question('token')
    expect(await post(body, { ...sign(body), 'x-zm-signature': `v0=${'0'.repeat(64)}` })).toEqual(
      invalidSignature,
    )
    const forgery = question(`v0:${seconds}:{}`)
    expect(await post(forgery, sign(forgery))).toMatchObject({ status: 400 })
  })
})

test('HubSpot: a URL is signed with twelve of its characters as they are, and all others escaped', async () => {
  const query = '?to=%2Fa%3ab%40c&text=%C3%B6%20%26'
  const signedQuery = '?to=/a:b@c&text=%C3%B6%20%26'
  const body = JSON.stringify([hubspotEvent(1)])
  const receiver = createReceiver({
    provider: workedDefinition('HubSpot')({ secret, publicUrl }),
    clock: manualClock(now),
    logger: false,
  })
  const { deliver } = feedReceiver(receiver)
  const send = (signed: string) =>
    deliver({
      method: 'POST',
      url: `/behind/a/proxy${query}`,
      headers: {
        'x-hubspot-request-timestamp': String(now),
        'x-hubspot-signature-v3': hmac(`POST${publicUrl}${signed}${body}${now}`, 'base64'),
      },
      body: Buffer.from(body),
    })
  expect(await send(signedQuery)).toEqual(received)
  expect(await send(decodeURIComponent(query))).toEqual(invalidSignature)
})

test('HubSpot: what befalls two objects at once are two events, though their ids are one', async () => {
  const { sign, options } = senders.HubSpot as Sender
  const { post, handled } = feed(workedDefinition('HubSpot')(options))
  const { objectId: _, ...association } = hubspotEvent(1)
  const body = JSON.stringify([
    hubspotEvent(1),
    { ...hubspotEvent(1), objectId: 124 },
    { ...association, fromObjectId: 1, toObjectId: 2 },
    { ...association, fromObjectId: 1, toObjectId: 3 },
  ])
  expect(await post(body, sign(body))).toEqual(received)
  expect(handled).toHaveLength(4)
})

test('HubSpot: a retry is the same event, though its body has another number', async () => {
  const { sign, options } = senders.HubSpot as Sender
  const { post, handled } = feed(workedDefinition('HubSpot')(options))
  for (const attemptNumber of [0, 1, 2]) {
    const body = JSON.stringify([{ ...hubspotEvent(1), attemptNumber }])
    expect(await post(body, sign(body))).toEqual(received)
  }
  expect(handled).toHaveLength(1)
})

test('HubSpot: two labels that two objects get at once are two events', async () => {
  const { sign, options } = senders.HubSpot as Sender
  const { post, handled } = feed(workedDefinition('HubSpot')(options))
  const { objectId: _, ...event } = hubspotEvent(1)
  const association = { ...event, fromObjectId: 1, toObjectId: 2 }
  const body = JSON.stringify([
    { ...association, associationType: 'CONTACT_TO_COMPANY', associationTypeId: 1 },
    { ...association, associationType: 'CONTACT_TO_COMPANY', associationTypeId: 279 },
    { ...association, associationType: 'CONTACT_TO_COMPANY', associationTypeId: 279 },
  ])
  expect(await post(body, sign(body))).toEqual(received)
  expect(handled).toHaveLength(2)
})

test.each([
  ['HubSpot', { ...hubspotEvent(1), objectId: null, associationTypeId: null }, `25:1:${now - 2000}`],
  ['HubSpot', { subscriptionType: 'contact.creation' }, /^sha256:/],
  ['SendGrid', { event: 'delivered', timestamp: 1, sg_event_id: null }, /^sha256:/],
  ['SendGrid', { event: 'delivered', timestamp: 1 }, /^sha256:/],
])(
  '%s: an event without what identifies it, %j, is known by what is left of it',
  async (heading, event, id) => {
    const { sign, options } = senders[heading] as Sender
    const { post, handled } = feed(workedDefinition(heading)(options))
    const body = JSON.stringify([event])
    for (const _ of ['once', 'again']) expect(await post(body, sign(body))).toEqual(received)
    expect(handled.map((one) => one.id)).toEqual([expect.stringMatching(id)])
  },
)

test.each([
  ['AgentSessionEvent.prompted', { agentSession: { id: 's' }, agentActivity: { id: 'a' } }, 'a'],
  ['AgentSessionEvent.created', { agentSession: { id: 's' } }, 's'],
  ['AppUserNotification.issueMention', { notification: { id: 'n' } }, 'n'],
  ['IssueSLA.set', { issueData: { id: 'i' } }, 'i'],
  ['OAuthAuthorization.revoked', { userId: 'u', oauthClientId: 'o' }, 'u'],
  ['OAuthApp.revoked', { oauthClientId: 'o' }, 'o'],
])(
  'Linear: %s is once the same in every attempt, though each has a time of its own',
  async (name, thing, subject) => {
    const [type, action] = name.split('.')
    const { post, handled } = feed(workedDefinition('Linear')({ secret }))
    for (const webhookTimestamp of [now, now + 60_000]) {
      const body = JSON.stringify({ type, action, createdAt: iso, webhookTimestamp, ...thing })
      expect(await post(body, { 'linear-signature': hmac(body, 'hex') })).toEqual(received)
    }
    expect(handled.map((event) => [event.type, event.id.split(':')[1]])).toEqual([[name, subject]])
  },
)

describe('a time that is written otherwise than documented is no reason to refuse', () => {
  /** The body of a sender with another time in it; undefined leaves it out. */
  const bodies: [heading: string, field: string, write: (time: object) => unknown][] = [
    ['Linear', 'createdAt', (time) => ({ ...linearBody, createdAt: undefined, ...time })],
    ['Paddle', 'occurred_at', (time) => ({ event_id: 'evt_1', event_type: 'a', ...time })],
    ['Square', 'created_at', (time) => ({ event_id: 'e1', type: 'a', ...time })],
    ['Zoom', 'event_ts', (time) => ({ event: 'a', payload: {}, ...time })],
    ['SendGrid', 'timestamp', (time) => [{ sg_event_id: '1', event: 'a', ...time }]],
  ]
  const known = [
    iso,
    iso.replace('Z', '+00:00'),
    iso.replace('T', ' '),
    Date.parse(iso),
    String(Date.parse(iso)),
  ]
  const unknown = [undefined, null, '', 'yesterday', Number.MAX_VALUE, {}, true]
  const rows = bodies.flatMap(([heading, field, write]) =>
    [...known, now / 1000 - 2, ...unknown].map((time) => ({
      heading,
      time,
      body: JSON.stringify(write({ [field]: time })),
    })),
  )

  test.each(rows)('$heading: $time', async ({ heading, time, body }) => {
    const { sign, options } = senders[heading] as Sender
    const { post, handled } = feed(workedDefinition(heading)(options))
    expect(await post(body, sign(body))).toEqual(received)
    const at = known.includes(time as never) ? Date.parse(iso) : undefined
    expect(handled.map(({ createdAt }) => (at === undefined ? 'handled' : createdAt.getTime()))).toEqual([
      at ?? 'handled',
    ])
  })

  test('HubSpot, whose time is part of the id: in milliseconds or seconds, digits or a number', async () => {
    const { sign, options } = senders.HubSpot as Sender
    for (const occurredAt of [now - 2000, String(now - 2000), (now - 2000) / 1000]) {
      const { post, handled } = feed(workedDefinition('HubSpot')(options))
      const body = JSON.stringify([{ ...hubspotEvent(1), occurredAt }])
      expect(await post(body, sign(body))).toEqual(received)
      expect(handled.map(({ createdAt }) => createdAt.getTime())).toEqual([now - 2000])
    }
  })
})

test.each(['Zoom', 'HubSpot'])('%s: a delivery signed too long ago is refused', async (heading) => {
  const { body, sign, options } = senders[heading] as Sender
  const { post, handled } = feed(workedDefinition(heading)(options), now + 4 * 24 * 3600_000)
  expect(await post(body, sign(body))).toEqual({ status: 400, body: { error: 'stale_event' } })
  expect(handled).toEqual([])
})

test('Zoom: a question that is as old is not answered', async () => {
  const { sign } = senders.Zoom as Sender
  const { post } = feed(workedDefinition('Zoom')({ secret }), now + 4 * 24 * 3600_000)
  const body = JSON.stringify({ event: 'endpoint.url_validation', payload: { plainToken: 'token' } })
  expect(await post(body, sign(body))).toEqual({ status: 400, body: { error: 'stale_event' } })
})

describe('CloudEvents, as docs/providers.md defines them', () => {
  const setUp = () => feed(workedDefinition('CloudEvents')({ retryHorizon: 3600_000 }))
  const empty = { status: 200, body: '' }
  const event = new CloudEvent({ id: '1', source: '/a', type: 'made', time: iso, data: { amount: 500 } })
  const sent = (mode: 'binary' | 'structured'): [string, Headers] => {
    const { headers, body } = HTTP[mode](event)
    return [String(body), headers as Headers]
  }

  test('what their own library writes is one event in both modes', async () => {
    for (const mode of ['binary', 'structured'] as const) {
      const { post, handled } = setUp()
      expect(await post(...sent(mode))).toEqual(empty)
      expect(await post(...sent('structured'))).toEqual(empty)
      expect(
        handled.map(({ id, type, data, createdAt }) => [id, type, data, createdAt.toISOString()]),
      ).toEqual([['/a:1', 'made', { amount: 500 }, iso]])
    }
  })

  test.each([
    ['text', 'größer', 'text/plain', 'größer'],
    ['nothing', '', undefined, undefined],
    ['XML', '<a/>', 'application/xml', '<a/>'],
    ['a list', '[1, 2]', 'application/json', [1, 2]],
    ['a number', '7', 'application/json', 7],
    ['null', 'null', 'application/json', null],
  ])('binary mode: %s is data', async (_, body, contentType, data) => {
    const { post, handled } = setUp()
    const headers: Headers = {
      'ce-specversion': '1.0',
      'ce-id': '1',
      'ce-source': '/a',
      'ce-type': 'made',
      'ce-time': 'now',
      ...(contentType !== undefined && { 'content-type': contentType }),
    }
    expect(await post(body, headers)).toEqual(empty)
    expect(handled.map((event) => [event.id, event.type, event.data])).toEqual([['/a:1', 'made', data]])
  })

  test('what a header has in escapes is the same event as in the other mode', async () => {
    const [source, type] = ['/größer "als" 100 %', 'gemacht: € 😀']
    const structured = JSON.stringify({ specversion: '1.0', id: 'ä', source, type })
    const headers = {
      'ce-id': '%C3%A4',
      'ce-source': '/gr%c3%b6%C3%9Fer%20%22als%22%20100%20%25',
      'ce-type': 'gemacht:%20%E2%82%AC%20%F0%9F%98%80',
    }
    const { post, handled } = setUp()
    expect(await post('{}', headers)).toEqual(empty)
    expect(await post(structured, {})).toEqual(empty)
    expect(handled.map((event) => event.type)).toEqual([type])
    const notUtf8 = { 'ce-id': '%C0%A0', 'ce-source': '/a', 'ce-type': 'made' }
    expect(await post('{}', notUtf8)).toEqual(empty)
    expect(handled.map((event) => event.id)).toHaveLength(2)
  })

  test('sources and ids that look alike when joined are different events', async () => {
    const { post, handled } = setUp()
    for (const [source, id] of [
      ['a:b', 'c'],
      ['a', 'b:c'],
      ['a%3Ab', 'c'],
    ])
      await post(...(['{}', { 'ce-id': id, 'ce-source': source, 'ce-type': 't' }] as [string, Headers]))
    expect(new Set(handled.map(({ key }) => key)).size).toBe(3)
  })

  test('a delivery and a duplicate are answered without a body: for Knative any text is a failure', async () => {
    const { post } = setUp()
    for (let times = 0; times < 2; times++) expect(await post(...sent('binary'))).toEqual(empty)
  })

  test('what is no CloudEvent is refused', async () => {
    const { post } = setUp()
    expect(await post('{}', {})).toMatchObject({ status: 400 })
  })

  test('the OPTIONS by which a sender asks for leave is answered', async () => {
    const { receiver } = setUp()
    const headers = new Headers({ 'webhook-request-origin': 'eventemitter.example.com' })
    const reply = await receiver.receive({
      method: 'OPTIONS',
      url: '/',
      headers,
      readBody: () => Buffer.alloc(0),
    })
    expect(reply).toMatchObject({
      status: 200,
      headers: { 'webhook-allowed-origin': 'eventemitter.example.com', 'webhook-allowed-rate': '*' },
    })
  })
})
