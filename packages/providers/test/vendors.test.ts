import '@shopify/shopify-api/adapters/node'
import { createHmac, generateKeyPairSync, sign as signWith } from 'node:crypto'
import type { Provider } from '@hookport/core'
import { discord } from '@hookport/providers/discord'
import { github } from '@hookport/providers/github'
import { meta } from '@hookport/providers/meta'
import { shopify } from '@hookport/providers/shopify'
import { slack } from '@hookport/providers/slack'
import { standardWebhooks } from '@hookport/providers/standard-webhooks'
import { twilio } from '@hookport/providers/twilio'
import { sign as octokitSign, verify as octokitVerify } from '@octokit/webhooks-methods'
import { LogSeverity, shopifyApi } from '@shopify/shopify-api'
import { verifySlackRequest } from '@slack/bolt'
import { verifyKey } from 'discord-interactions'
import { Webhook as Svix } from 'svix'
import twilioLibrary from 'twilio'
import { describe, expect, test } from 'vitest'
import { now, nowSeconds, ourVerdict, stopTime, theirVerdict } from './support/compare.ts'

type Headers = Record<string, string>

/** A sender, and the library that its vendor gives to receivers. */
interface Vendor {
  body: string
  signatureHeader: string
  /** What the signature is written in, and what stands ahead of it. */
  written: { encoding: 'hex' | 'base64'; prefix: string }
  provider(secret: string): Provider
  secrets: readonly [string, string]
  /** By the vendor's own library where it can sign, else by what its documentation says. */
  sign(body: string, secret: string): Headers | Promise<Headers>
  /** What the vendor's library says. */
  accepts(headers: Headers, body: string, secret: string): unknown
  url?: string
}

const json = JSON.stringify({ type: 'event', id: '1', text: 'größer 🦖' })
const hmac = (hash: string, secret: string, content: string, encoding: 'hex' | 'base64') =>
  createHmac(hash, secret).update(content).digest(encoding)

const shopifyOf = (apiSecretKey: string) =>
  shopifyApi({
    apiKey: 'key',
    apiSecretKey,
    hostName: 'example.com',
    apiVersion: '2026-01' as never,
    isEmbeddedApp: false,
    logger: { level: LogSeverity.Error, log: async () => {} },
  })

async function shopifyAccepts(headers: Headers, rawBody: string, secret: string) {
  const request = { method: 'POST', url: '/', headers, rawHeaders: Object.entries(headers).flat() }
  const { valid } = await shopifyOf(secret).webhooks.validate({ rawBody, rawRequest: request } as never)
  return valid
}

const publicUrl = 'https://example.com/webhooks/twilio?tenant=1'
const twilioSecrets = ['12345678901234567890123456789012', 'another-auth-token'] as const
const form =
  'MessageSid=SM1&Body=gr%C3%B6%C3%9Fer+%F0%9F%A6%96&MessageStatus=delivered&A=2&a=1&A=1&A=2&Empty='

const discordPairs = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')] as const
const discordKeys = discordPairs.map(({ publicKey }) =>
  publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex'),
) as unknown as readonly [string, string]

const svixSecrets = [
  'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
] as const

const vendors: Record<string, Vendor> = {
  github: {
    body: json,
    signatureHeader: 'x-hub-signature-256',
    written: { encoding: 'hex', prefix: 'sha256=' },
    provider: (secret) => github({ secret }),
    secrets: ['one', 'two'],
    sign: async (body, secret) => ({
      'x-hub-signature-256': await octokitSign(secret, body),
      'x-github-event': 'star',
    }),
    accepts: (headers, body, secret) => octokitVerify(secret, body, headers['x-hub-signature-256'] ?? ''),
  },
  // Meta has no library for receivers; its scheme is GitHub's.
  meta: {
    body: JSON.stringify({ object: 'page', entry: [{ id: '1' }] }),
    signatureHeader: 'x-hub-signature-256',
    written: { encoding: 'hex', prefix: 'sha256=' },
    provider: (secret) => meta({ secret }),
    secrets: ['one', 'two'],
    sign: async (body, secret) => ({ 'x-hub-signature-256': await octokitSign(secret, body) }),
    accepts: (headers, body, secret) => octokitVerify(secret, body, headers['x-hub-signature-256'] ?? ''),
  },
  slack: {
    body: json,
    signatureHeader: 'x-slack-signature',
    written: { encoding: 'hex', prefix: 'v0=' },
    provider: (secret) => slack({ secret }),
    secrets: ['8f742231b10e8888abcd99yyyzzz85a5', 'two'],
    sign: (body, secret) => ({
      'x-slack-request-timestamp': String(nowSeconds),
      'x-slack-signature': `v0=${hmac('sha256', secret, `v0:${nowSeconds}:${body}`, 'hex')}`,
    }),
    accepts: (headers, body, signingSecret) =>
      verifySlackRequest({
        signingSecret,
        body,
        headers: headers as never,
        nowMilliseconds: now,
      }),
  },
  shopify: {
    body: json,
    signatureHeader: 'x-shopify-hmac-sha256',
    written: { encoding: 'base64', prefix: '' },
    provider: (secret) => shopify({ secret }),
    secrets: ['one', 'two'],
    sign: (body, secret) => ({
      'x-shopify-topic': 'orders/create',
      'x-shopify-shop-domain': 'a.myshopify.com',
      'x-shopify-api-version': '2026-01',
      'x-shopify-webhook-id': 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043',
      'x-shopify-hmac-sha256': hmac('sha256', secret, body, 'base64'),
    }),
    accepts: shopifyAccepts,
  },
  'shopify events': {
    body: JSON.stringify({
      topic: 'Product',
      action: 'update',
      handle: 'prices',
      data: { title: 'größer 🦖 1' },
    }),
    signatureHeader: 'shopify-hmac-sha256',
    written: { encoding: 'base64', prefix: '' },
    provider: (secret) => shopify({ secret }),
    secrets: ['one', 'two'],
    sign: (body, secret) => ({
      'shopify-topic': 'Product',
      'shopify-action': 'update',
      'shopify-shop-domain': 'a.myshopify.com',
      'shopify-api-version': '2026-10',
      'shopify-webhook-id': 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043',
      'shopify-event-id': 'e3c2a4b0-0a2f-4b6c-9d0e-4f1d2c3b4a59',
      'shopify-hmac-sha256': hmac('sha256', secret, body, 'base64'),
    }),
    accepts: shopifyAccepts,
  },
  twilio: {
    body: form,
    url: '/behind/a/proxy?tenant=1',
    signatureHeader: 'x-twilio-signature',
    written: { encoding: 'base64', prefix: '' },
    provider: (secret) => twilio({ secret, publicUrl }),
    secrets: twilioSecrets,
    sign: (body, secret) => ({
      'x-twilio-signature': twilioLibrary.getExpectedTwilioSignature(secret, publicUrl, parsed(body)),
    }),
    accepts: (headers, body, secret) =>
      twilioLibrary.validateRequest(secret, headers['x-twilio-signature'] ?? '', publicUrl, parsed(body)),
  },
  discord: {
    body: JSON.stringify({ version: 1, type: 1, event: { type: 'APPLICATION_AUTHORIZED', data: {} } }),
    signatureHeader: 'x-signature-ed25519',
    written: { encoding: 'hex', prefix: '' },
    provider: (secret) => discord({ secret }),
    secrets: discordKeys,
    sign: (body, secret) => ({
      'x-signature-timestamp': String(nowSeconds),
      'x-signature-ed25519': signWith(
        null,
        Buffer.from(`${nowSeconds}${body}`),
        discordPairs[discordKeys.indexOf(secret) as 0 | 1].privateKey,
      ).toString('hex'),
    }),
    accepts: (headers, body, secret) =>
      verifyKey(body, headers['x-signature-ed25519'] ?? '', headers['x-signature-timestamp'] ?? '', secret),
  },
  svix: {
    body: json,
    signatureHeader: 'svix-signature',
    written: { encoding: 'base64', prefix: 'v1,' },
    provider: (secret) => standardWebhooks({ secret }),
    secrets: svixSecrets,
    sign: (body, secret) => ({
      'svix-id': 'msg_1',
      'svix-timestamp': String(nowSeconds),
      'svix-signature': new Svix(secret).sign('msg_1', new Date(now), body),
    }),
    accepts: (headers, body, secret) => new Svix(secret).verify(body, headers),
  },
}

function parsed(body: string): Record<string, string | string[]> {
  const fields = new URLSearchParams(body)
  const fieldOf = (name: string) => {
    const values = fields.getAll(name)
    return values.length > 1 ? values : (values[0] ?? '')
  }
  return Object.fromEntries([...fields.keys()].map((name) => [name, fieldOf(name)]))
}

describe.each(Object.entries(vendors))('%s', (_, vendor) => {
  const { body, signatureHeader, written, secrets, url } = vendor
  const [secret, otherSecret] = secrets
  const { encoding, prefix } = written
  const other = encoding === 'hex' ? 'base64' : 'hex'

  async function setUp() {
    const headers = await vendor.sign(body, secret)
    const digest = Buffer.from((headers[signatureHeader] ?? '').slice(prefix.length), encoding)
    const signedAs = (value: string): Headers => ({ ...headers, [signatureHeader]: value })
    const write = (bytes: Uint8Array) => signedAs(prefix + Buffer.from(bytes).toString(encoding))
    return { headers, digest, signedAs, write }
  }

  async function verdicts(headers: Headers, text = body) {
    stopTime()
    return {
      ours: await ourVerdict(vendor.provider(secret), { headers, body: text, url }),
      theirs: await theirVerdict(() => vendor.accepts(headers, text, secret)),
    }
  }

  test('what is signed is accepted here and there', async () => {
    const { headers } = await setUp()
    expect(await verdicts(headers)).toEqual({ ours: 'accepts', theirs: 'accepts' })
  })

  test('while one secret replaces another, either is good', async () => {
    const { headers } = await setUp()
    for (const key of [
      [otherSecret, secret],
      [secret, otherSecret],
    ] as const)
      expect(await ourVerdict(vendor.provider(key as never), { headers, body, url })).toBe('accepts')
  })

  test('one flipped bit is refused, whichever it is', async () => {
    const { digest, write } = await setUp()
    for (let bit = 0; bit < digest.length * 8; bit += 7) {
      const flipped = Buffer.from(digest)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(await verdicts(write(flipped)), `bit ${bit}`).toEqual({
        ours: 'invalid_signature',
        theirs: 'refuses',
      })
    }
  })

  test('a truncated signature, a longer one, and an empty one are refused', async () => {
    const { digest, write, signedAs } = await setUp()
    for (const bytes of [
      digest.subarray(0, -1),
      digest.subarray(0, 1),
      Buffer.concat([digest, Buffer.of(0)]),
    ])
      expect(await verdicts(write(bytes))).toEqual({ ours: 'invalid_signature', theirs: 'refuses' })
    expect(await verdicts(signedAs(prefix))).toMatchObject({ theirs: 'refuses' })
    expect(await verdicts(signedAs(''))).toEqual({ ours: 'missing_signature', theirs: 'refuses' })
  })

  test('another key or another body is refused', async () => {
    expect(await verdicts(await vendor.sign(body, otherSecret))).toEqual({
      ours: 'invalid_signature',
      theirs: 'refuses',
    })
    const { headers } = await setUp()
    const changed = body.replace('1', '2')
    expect(changed).not.toBe(body)
    expect(await verdicts(headers, changed)).toEqual({ ours: 'invalid_signature', theirs: 'refuses' })
  })

  test('another encoding, or another prefix, is refused here', async () => {
    const { digest, signedAs } = await setUp()
    const spellings = [
      prefix + digest.toString(other),
      `${prefix}x${digest.toString(encoding)}`,
      `sha512=${digest.toString(encoding)}`,
      `${prefix}${digest.toString(encoding)} `.padStart(2),
      ...(encoding === 'hex' ? [prefix + digest.toString('hex').toUpperCase()] : []),
      ...(prefix === '' ? [] : [digest.toString(encoding)]),
    ].filter((spelling) => spelling.trim() === spelling)
    for (const spelling of spellings)
      expect((await verdicts(signedAs(spelling))).ours, spelling).toBe('invalid_signature')
  })
})

test('Slack: the known answer of its documentation holds', async () => {
  const body =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c'
  const signature = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503'
  const headers = { 'x-slack-request-timestamp': '1531420618', 'x-slack-signature': signature }
  const provider = slack({ secret: '8f742231b10e8888abcd99yyyzzz85a5', tolerance: Number.POSITIVE_INFINITY })
  expect(await ourVerdict(provider, { headers, body }, { maxAge: Number.POSITIVE_INFINITY })).toBe('accepts')
  expect(await ourVerdict(provider, { headers, body: `${body}0` })).toBe('invalid_signature')
})
