import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { sampleEvent, signBody, signDelivery, type WireChoice, wireForms } from '../src/index.ts'
import { lowerCaseHeaders, samples, wireOf } from './samples.ts'

const event = {
  id: 'evt_1',
  type: 'context.updated',
  created_at: '2026-11-20T10:00:00Z',
  data: { name: 'é' },
}
const secret = 'your-webhook-secret'

function hmac(content: string): string {
  return createHmac('sha256', secret).update(content).digest('hex')
}

describe('signatures made by an independent signer are reproduced', () => {
  test('there are samples of both providers', () => {
    expect(new Set(samples.map((sample) => sample.provider))).toEqual(new Set(['sematryx', 'jaot']))
  })

  test.each(samples)('$name: the same headers over the same body', (sample) => {
    const sentAt = Number(sample.headers['x-jaot-delivery-timestamp'] ?? 0) * 1000
    const signed = signBody({ ...wireOf(sample), secret: sample.secret, body: sample.body, sentAt })
    expect(lowerCaseHeaders(signed)).toEqual(sample.headers)
    expect(signed.body.toString('utf8')).toBe(sample.body)
  })
})

describe('header names are those of the provider, letter by letter', () => {
  const names = (wire: WireChoice) => Object.keys(signDelivery({ ...wire, secret, event }).headers)

  test('Sematryx', () => {
    expect(names({ provider: 'sematryx' })).toEqual(['Content-Type', 'X-Sematryx-Signature'])
  })

  test('JAOT, documented', () => {
    expect(names({ provider: 'jaot', form: 'documented' })).toEqual(['Content-Type', 'X-JAOT-Signature'])
  })

  test('JAOT, real', () => {
    const sample = sampleEvent('jaot', 'credits.low', { at: 1_771_480_815_999 })
    const { headers } = signDelivery({ provider: 'jaot', secret, event: sample })
    expect(headers).toEqual({
      'Content-Type': 'application/json',
      'User-Agent': 'JAOT-Webhook/1.0',
      'X-Jaot-Event': 'credits.low',
      'X-Jaot-Delivery-Timestamp': '1771480815',
      'X-Jaot-Signature': expect.stringMatching(/^sha256=[0-9a-f]{64}$/),
    })
  })
})

test('reserialized: sends the spaced body and signs what JavaScript makes of it', () => {
  const signed = signDelivery({ provider: 'sematryx', form: 'reserialized', secret, event })
  const spaced = signDelivery({ provider: 'sematryx', form: 'spaced', secret, event })
  expect(signed.body).toEqual(spaced.body)
  expect(signed.headers['X-Sematryx-Signature']).toBe(hmac(JSON.stringify(event)))
  expect(signed.headers['X-Sematryx-Signature']).not.toBe(spaced.headers['X-Sematryx-Signature'])
})

test.each(wireForms.sematryx)(
  'Sematryx, %s: registered without a secret, a delivery carries no signature',
  (form) => {
    const { headers } = signDelivery({ provider: 'sematryx', form, secret: null, event })
    expect(headers).toEqual({ 'Content-Type': 'application/json' })
  },
)

test('JAOT: registered without a secret, a delivery carries the other headers only', () => {
  const { headers } = signDelivery({
    provider: 'jaot',
    secret: null,
    event: sampleEvent('jaot', 'credits.low'),
  })
  expect(Object.keys(headers)).toEqual([
    'Content-Type',
    'User-Agent',
    'X-Jaot-Event',
    'X-Jaot-Delivery-Timestamp',
  ])
})

test('equal input gives equal output', () => {
  const sample = sampleEvent('jaot', 'execution.failed')
  const sign = () => signDelivery({ provider: 'jaot', secret, event: sample })
  expect(sign()).toEqual(sign())
})

test('a body that is no JSON can be signed as it is', () => {
  const signed = signBody({ provider: 'sematryx', secret, body: 'not json' })
  expect(signed.headers['X-Sematryx-Signature']).toBe(hmac('not json'))
})

test('an empty secret is an error, not an unsigned or forgeable delivery', () => {
  expect(() => signDelivery({ provider: 'sematryx', secret: '', event })).toThrow(TypeError)
})

test("another provider's form is an error, at compile time and at run time", () => {
  // @ts-expect-error: `real` is JAOT's
  expect(() => signDelivery({ provider: 'sematryx', form: 'real', secret, event })).toThrow(
    'sematryx has no form "real"',
  )
  // @ts-expect-error: no such provider
  expect(() => signDelivery({ provider: 'constructor', secret, event })).toThrow('unknown provider')
})
