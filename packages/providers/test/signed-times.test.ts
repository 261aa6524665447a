import { createHmac, generateKeyPairSync, sign as signWith } from 'node:crypto'
import type { Provider } from '@hookport/core'
import { discord } from '@hookport/providers/discord'
import { slack } from '@hookport/providers/slack'
import { standardWebhooks } from '@hookport/providers/standard-webhooks'
import { stripe } from '@hookport/providers/stripe'
import { describe, expect, test } from 'vitest'
import { nowSeconds, ourVerdict } from './support/compare.ts'

interface Sender {
  provider(): Provider
  /** The headers of a delivery that was signed with this time, however that is written. */
  sign(time: string): Record<string, string>
  /** The header of a signature, and what stands in it that is none. */
  readonly signatureHeader: string
}

const body = JSON.stringify({
  ...{ id: 'evt_1', type: 'a', event: { type: 'a', timestamp: new Date(nowSeconds * 1000).toISOString() } },
})
const secret = Buffer.alloc(32, 7).toString('base64')
const hmac = (key: string | Buffer, content: string, encoding: 'hex' | 'base64') =>
  createHmac('sha256', key).update(content).digest(encoding)
const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const discordKey = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')

const senders: Record<string, Sender> = {
  stripe: {
    provider: () => stripe({ secret }),
    sign: (time) => ({ 'stripe-signature': `t=${time},v1=${hmac(secret, `${time}.${body}`, 'hex')}` }),
    signatureHeader: 'stripe-signature',
  },
  slack: {
    provider: () => slack({ secret }),
    sign: (time) => ({
      'x-slack-request-timestamp': time,
      'x-slack-signature': `v0=${hmac(secret, `v0:${time}:${body}`, 'hex')}`,
    }),
    signatureHeader: 'x-slack-signature',
  },
  discord: {
    provider: () => discord({ secret: discordKey }),
    sign: (time) => ({
      'x-signature-timestamp': time,
      'x-signature-ed25519': signWith(null, Buffer.from(time + body), privateKey).toString('hex'),
    }),
    signatureHeader: 'x-signature-ed25519',
  },
  'standard-webhooks': {
    provider: () => standardWebhooks({ secret }),
    sign: (time) => ({
      'webhook-id': 'msg_1',
      'webhook-timestamp': time,
      'webhook-signature': `v1,${hmac(Buffer.from(secret, 'base64'), `msg_1.${time}.${body}`, 'base64')}`,
    }),
    signatureHeader: 'webhook-signature',
  },
}

const read = (provider: Provider, headers: Record<string, string>) =>
  provider.readSignature(new Headers(headers), { method: 'POST', url: '/' })

describe.each(Object.entries(senders))('%s', (_, { provider, sign, signatureHeader }) => {
  const verdict = (headers: Record<string, string>) => ourVerdict(provider(), { headers, body })

  test.each([
    [0, 'accepts'],
    [299, 'accepts'],
    [301, 'stale_event'],
    [-299, 'accepts'],
    [-301, 'stale_event'],
  ])('what was signed %d s ago: %s', async (ageSeconds, said) => {
    expect(await verdict(sign(String(nowSeconds - ageSeconds)))).toBe(said)
  })

  // Taken for no time at all, it would be of any age.
  test.each([
    'now',
    'NaN',
    `${nowSeconds}.0`,
    `+${nowSeconds}`,
    `00${nowSeconds}`,
    `0x${nowSeconds.toString(16)}`,
  ])('what was signed with the time %s is refused, though the signature is right', async (time) => {
    expect(read(provider(), sign(time))).toBe('malformed')
    expect(await verdict(sign(time))).toBe('invalid_signature')
  })

  test('a header without any signature is told from one that is wrong', () => {
    const headers = { ...sign(String(nowSeconds)), [signatureHeader]: `t=${nowSeconds}` }
    expect(read(provider(), headers)).toBe('malformed')
  })
})

describe('in Stripe’s header', () => {
  const { provider, sign } = senders.stripe as Sender
  const genuine = sign(String(nowSeconds))['stripe-signature'] ?? ''
  const verdict = (header: string) =>
    ourVerdict(provider(), { headers: { 'stripe-signature': header }, body })

  test('there are no blanks after a comma, as their library refuses them', async () => {
    expect(await verdict(genuine.replaceAll(',', ', '))).toBe('invalid_signature')
  })

  test('the first time is not the one that was signed, where there are two', async () => {
    expect(await verdict(`${genuine},t=1`)).toBe('invalid_signature')
  })

  test('there may be sixteen items, and no more', async () => {
    const withItems = (count: number) => genuine + `,v1=${'0'.repeat(64)}`.repeat(count - 2)
    expect(await verdict(withItems(16))).toBe('accepts')
    expect(await verdict(withItems(17))).toBe('invalid_signature')
  })
})
