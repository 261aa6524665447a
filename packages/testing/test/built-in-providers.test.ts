import { createHmac, generateKeyPairSync } from 'node:crypto'
import { createReceiver, type Provider, type ReceiverOptions } from '@hookport/core'
import { providersByName } from '@hookport/providers/by-name'
import { twilio as twilioProvider } from '@hookport/providers/twilio'
import { deliver, handled, manualClock, sampleTypes, signedRequest } from '@hookport/testing'
import { verify as verifyGithub } from '@octokit/webhooks-methods'
import { verifyKey } from 'discord-interactions'
import { Webhook } from 'standardwebhooks'
import Stripe from 'stripe'
import twilio from 'twilio'
import { describe, expect, onTestFinished, test } from 'vitest'

const now = Date.parse('2026-11-20T12:00:00Z')
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const keys = generateKeyPairSync('ed25519')
const publicKey = keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
const publicUrl = 'https://example.com/webhooks/twilio'

function providerOf(name: string): Provider {
  if (name === 'twilio') return twilioProvider({ secret, publicUrl })
  return providersByName[name]?.({ secret: name === 'discord' ? publicKey : secret }) as Provider
}

function receiverOf(provider: Provider, options: Partial<ReceiverOptions> = {}) {
  const week = 8 * 24 * 3600_000 // Meta retries for as long
  const receiver = createReceiver({
    provider,
    clock: manualClock(now),
    dedupeWindow: week,
    logger: false,
    ...options,
  })
  onTestFinished(() => receiver.stop())
  return receiver
}

const byName = Object.keys(providersByName)
const privateKey = keys.privateKey

describe.each(byName)('%s', (name) => {
  test.each(sampleTypes(name))('a sample of %s is signed, taken on, and handled', async (type) => {
    const receiver = receiverOf(providerOf(name))
    const seen: unknown[] = []
    receiver.onEvent(type, (event) => void seen.push(event.type, event.data))
    const delivered = await deliver(receiver, { type, privateKey })
    expect(delivered).toMatchObject({ status: 200, outcome: 'accepted' })
    await handled(delivered)
    expect(seen).toEqual([type, expect.any(Object)])
  })

  test('what a test gives of the data is laid over the sample', async () => {
    const [type = ''] = sampleTypes(name)
    const receiver = receiverOf(providerOf(name))
    const seen: unknown[] = []
    receiver.onEvent(type, ({ data }) => void seen.push(data))
    await handled(await deliver(receiver, { type, data: { added: 'by the test' } as object, privateKey }))
    expect(seen).toMatchObject([{ added: 'by the test' }])
    expect(Object.keys(seen[0] as object).length).toBeGreaterThan(1)
  })

  test('two deliveries are two events', async () => {
    const [type = ''] = sampleTypes(name)
    const receiver = receiverOf(providerOf(name), { consume: false })
    const one = await deliver(receiver, { type, privateKey })
    const other = await deliver(receiver, { type, privateKey })
    expect([one.outcome, other.outcome]).toEqual(['accepted', 'accepted'])
    expect(one.key).not.toBe(other.key)
  })

  test('a wrong signature and a missing one are refused', async () => {
    const [type = ''] = sampleTypes(name)
    const receiver = receiverOf(providerOf(name))
    expect(await deliver(receiver, { type, signature: 'wrong', privateKey })).toMatchObject({
      status: 401,
      outcome: 'invalid_signature',
    })
    expect(await deliver(receiver, { type, signature: 'missing' })).toMatchObject({
      status: 401,
      outcome: 'missing_signature',
      reason: expect.stringContaining('signature header'),
    })
  })
})

/** By the senders' own libraries, or the few lines of their documentation. */
const verifiers: Record<string, (body: string, headers: Record<string, string>) => unknown> = {
  sematryx: (body, headers) => headers['x-sematryx-signature'] === hmac(body, 'hex'),
  jaot: (body, headers) => headers['x-jaot-signature'] === `sha256=${hmac(body, 'hex')}`,
  github: (body, headers) => verifyGithub(secret, body, headers['x-hub-signature-256'] ?? ''),
  stripe: (body, headers) =>
    Stripe.webhooks.constructEvent(
      body,
      headers['stripe-signature'] ?? '',
      secret,
      300,
      undefined,
      now / 1000,
    ),
  'standard-webhooks': (body, headers) => {
    const original = Date.now
    Date.now = () => now
    try {
      return new Webhook(secret).verify(body, headers)
    } finally {
      Date.now = original
    }
  },
  slack: (body, headers) => {
    const time = headers['x-slack-request-timestamp']
    return headers['x-slack-signature'] === `v0=${hmac(`v0:${time}:${body}`, 'hex')}`
  },
  shopify: (body, headers) => headers['x-shopify-hmac-sha256'] === hmac(body, 'base64'),
  twilio: (body, headers) =>
    twilio.validateRequest(
      secret,
      headers['x-twilio-signature'] ?? '',
      publicUrl,
      Object.fromEntries(new URLSearchParams(body)),
    ),
  meta: (body, headers) => headers['x-hub-signature-256'] === `sha256=${hmac(body, 'hex')}`,
  discord: (body, headers) =>
    verifyKey(body, headers['x-signature-ed25519'] ?? '', headers['x-signature-timestamp'] ?? '', publicKey),
}

function hmac(text: string, encoding: 'hex' | 'base64'): string {
  return createHmac('sha256', secret).update(text).digest(encoding)
}

test.each(byName)('a signature of %s is right by another witness than ours', async (name) => {
  const [type = ''] = sampleTypes(name)
  const { body, headers } = await signedRequest(receiverOf(providerOf(name), { consume: false }), {
    type,
    privateKey,
  })
  expect(await verifiers[name]?.(new TextDecoder().decode(body), { ...headers })).toBeTruthy()
})
