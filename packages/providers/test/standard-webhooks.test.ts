import { createHmac, generateKeyPairSync, type KeyObject, sign as signWith } from 'node:crypto'
import { ConfigurationError } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { standardWebhooks } from '@hookport/providers/standard-webhooks'
import { recordedLogger } from '@hookport/testkit/logs'
import { invalidSignature, received } from '@hookport/testkit/receivers/feed-receiver'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  feed,
  now,
  nowSeconds,
  ourVerdict,
  posted,
  type Row,
  stopTime,
  theirVerdict,
} from './support/compare.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const otherSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const body = JSON.stringify({
  type: 'invoice.paid',
  timestamp: new Date(now).toISOString(),
  data: { text: 'größer 🦖' },
})

/** The headers of a delivery, signed by the standard's own library. */
function theirHeaders(
  ageSeconds = 0,
  { id = 'msg_1', text = body, key = secret } = {},
): Record<string, string> {
  const signedAt = nowSeconds - ageSeconds
  return {
    'webhook-id': id,
    'webhook-timestamp': String(signedAt),
    'webhook-signature': new Webhook(key).sign(id, new Date(signedAt * 1000), text),
  }
}

const genuine = theirHeaders()
const signature = genuine['webhook-signature'] ?? ''
const wrong = theirHeaders(0, { key: otherSecret })['webhook-signature'] ?? ''
const without = (name: string) =>
  Object.fromEntries(Object.entries(genuine).filter(([other]) => other !== name))
const signedAs = (value: string) => ({ ...genuine, 'webhook-signature': value })
/** The same digest, but for bits that base64 does not need. */
const otherwiseWritten = signature.replace(/.=$/, (end) => `${String.fromCharCode(end.charCodeAt(0) + 1)}=`)

const accepted = { ours: 'accepts', theirs: 'accepts' } as const
const refused = { ours: 'invalid_signature', theirs: 'refuses' } as const
const missing = { ours: 'missing_signature', theirs: 'refuses' } as const
const stale = { ours: 'stale_event', theirs: 'refuses' } as const

const rows: Row[] = [
  { name: 'as they sign it', headers: genuine, body, ...accepted },
  {
    name: 'under header names in another case',
    headers: Object.fromEntries(Object.entries(genuine).map(([name, value]) => [name.toUpperCase(), value])),
    body,
    ...accepted,
  },
  { name: 'with a body that was changed', headers: genuine, body: `${body} `, ...refused },
  { name: 'with an empty body', headers: genuine, body: '', ...refused },
  { name: 'without webhook-id', headers: without('webhook-id'), body, ...missing },
  { name: 'without webhook-timestamp', headers: without('webhook-timestamp'), body, ...missing },
  { name: 'without webhook-signature', headers: without('webhook-signature'), body, ...missing },
  { name: 'with an empty signature', headers: signedAs(''), body, ...missing },
  { name: 'under another id', headers: { ...genuine, 'webhook-id': 'msg_2' }, body, ...refused },
  {
    name: 'with another time',
    headers: { ...genuine, 'webhook-timestamp': String(nowSeconds - 1) },
    body,
    ...refused,
  },
  { name: 'with a time that is none', headers: { ...genuine, 'webhook-timestamp': 'now' }, body, ...refused },
  {
    name: 'with a time in fractions',
    headers: { ...genuine, 'webhook-timestamp': `${nowSeconds}.5` },
    body,
    ours: 'invalid_signature',
    theirs: 'accepts',
    because: 'what was signed is not what is written there',
  },
  { name: 'signed 299 s ago', headers: theirHeaders(299), body, ...accepted },
  {
    name: 'signed 300 s ago',
    headers: theirHeaders(300),
    body,
    ours: 'stale_event',
    theirs: 'accepts',
    because: 'an age has to be under the tolerance',
  },
  { name: 'signed 301 s ago', headers: theirHeaders(301), body, ...stale },
  { name: 'signed 300 s from now', headers: theirHeaders(-300), body, ...accepted },
  { name: 'signed 301 s from now', headers: theirHeaders(-301), body, ...stale },
  { name: 'signed a year ago', headers: theirHeaders(365 * 86_400), body, ...stale },
  { name: 'signed with another secret', headers: signedAs(wrong), body, ...refused },
  { name: 'signed over another body', headers: theirHeaders(0, { text: '{}' }), body, ...refused },
  { name: 'with a signature cut off', headers: signedAs(signature.slice(0, -1)), body, ...refused },
  { name: 'with half a signature', headers: signedAs(signature.slice(0, 25)), body, ...refused },
  { name: 'with a signature otherwise written', headers: signedAs(otherwiseWritten), body, ...refused },
  { name: 'with a version and no signature', headers: signedAs('v1,'), body, ...refused },
  { name: 'under version 2', headers: signedAs(signature.replace('v1', 'v2')), body, ...refused },
  {
    name: 'under the version of public keys',
    headers: signedAs(signature.replace('v1', 'v1a')),
    body,
    ...refused,
  },
  { name: 'without a version', headers: signedAs(signature.slice('v1,'.length)), body, ...refused },
  {
    name: 'with the right signature after a wrong one',
    headers: signedAs(`${wrong} ${signature}`),
    body,
    ...accepted,
  },
  {
    name: 'with the right signature among other versions',
    headers: signedAs(`v1a,abc ${signature} v2,def`),
    body,
    ...accepted,
  },
  {
    name: 'with the right signature in the first of two headers, which are joined with a comma,',
    headers: signedAs(`${signature}, ${wrong}`),
    body,
    ...accepted,
  },
  { name: 'with wrong signatures only', headers: signedAs(`${wrong} ${wrong}`), body, ...refused },
  { name: 'with a list separated by commas', headers: signedAs(`${wrong}, ${signature}`), body, ...accepted },
  {
    name: 'with 16 signatures',
    headers: signedAs(`${`${wrong} `.repeat(15)}${signature}`),
    body,
    ...accepted,
  },
  {
    name: 'with 17 signatures',
    headers: signedAs(`${`${wrong} `.repeat(16)}${signature}`),
    body,
    ours: 'invalid_signature',
    theirs: 'accepts',
    because: 'no rotation needs so many',
  },
]

describe('what Standard Webhooks’ own library says, hookport says', () => {
  test.each(rows)(
    'a delivery $name: ours $ours, theirs $theirs',
    async ({ headers, body, ours, theirs, because }) => {
      stopTime()
      expect(await theirVerdict(() => new Webhook(secret).verify(body, headers))).toBe(theirs)
      expect(await ourVerdict(standardWebhooks({ secret }), { headers, body })).toBe(ours)
      if (theirs === 'refuses') expect(ours).not.toBe('accepts')
      else if (ours !== 'accepts') expect(because).toBeDefined()
    },
  )
})

test('the known answer of the specification holds', async () => {
  const signedAt = 1_614_265_330
  const headers = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': String(signedAt),
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  }
  const { deliver } = feed(standardWebhooks({ secret }), { clock: manualClock(signedAt * 1000) })
  expect(await deliver(posted('{"test": 2432232314}', headers))).toEqual(received)
  expect(await deliver(posted('{"test": 2432232315}', headers))).toEqual(invalidSignature)
})

describe('tolerance', () => {
  test('an option narrows or widens it', async () => {
    const narrow = standardWebhooks({ secret, tolerance: 10_000 })
    expect(await ourVerdict(narrow, { headers: theirHeaders(9), body })).toBe('accepts')
    expect(await ourVerdict(narrow, { headers: theirHeaders(10), body })).toBe('stale_event')
    const wide = standardWebhooks({ secret, tolerance: 3600_000 })
    expect(await ourVerdict(wide, { headers: theirHeaders(3599), body })).toBe('accepts')
    expect(await ourVerdict(wide, { headers: theirHeaders(3600), body })).toBe('stale_event')
  })

  test('the time in the body does not matter to it: an event is signed anew for every attempt', async () => {
    const text = JSON.stringify({ type: 'invoice.paid', timestamp: '2020-01-01T00:00:00Z', data: {} })
    const { deliver, handled } = feed(standardWebhooks({ secret }))
    expect(await deliver(posted(text, theirHeaders(0, { text })))).toEqual(received)
    expect(handled.map(({ createdAt }) => createdAt.toISOString())).toEqual(['2020-01-01T00:00:00.000Z'])
  })
})

describe('secrets', () => {
  const ofBytes = (length: number) => Buffer.alloc(length, 7).toString('base64')

  test.each([16, 24, 32, 64, 65, 200])('%i bytes are a secret, with whsec_ and without', async (length) => {
    for (const written of [ofBytes(length), `whsec_${ofBytes(length)}`]) {
      const headers = theirHeaders(0, { key: written })
      expect(await ourVerdict(standardWebhooks({ secret: written }), { headers, body })).toBe('accepts')
    }
  })

  test.each([
    ['15 bytes', ofBytes(15)],
    ['no bytes', 'whsec_'],
    ['text that is not base64', 'whsec_not base64!'],
    ['text in base64url', `whsec_${'-_'.repeat(16)}`],
    ['a secret of another provider', 'sk_live_abcdefghijklmnopqrstuvwxyz'],
  ])('%s are an error at construction, which does not show them', (_, written) => {
    let error: unknown
    try {
      standardWebhooks({ secret: written })
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(String(error)).not.toContain(written)
  })

  test('while one replaces another, either signs, and the observer is told which', async () => {
    const { deliver, seen } = feed(standardWebhooks({ secret: [otherSecret, secret] }))
    await deliver(posted(body, theirHeaders(0, { id: 'by-old' })))
    await deliver(posted(body, theirHeaders(0, { id: 'by-new', key: otherSecret })))
    expect(seen.map(({ secretIndex }) => secretIndex)).toEqual([1, 0])
  })

  test('a sender that signs with both is believed by a receiver that knows one', async () => {
    const headers = signedAs(`${wrong} ${signature}`)
    expect(await ourVerdict(standardWebhooks({ secret }), { headers, body })).toBe('accepts')
    expect(await ourVerdict(standardWebhooks({ secret: otherSecret }), { headers, body })).toBe('accepts')
  })
})

describe('of a sender with a key pair', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const { publicKey: otherKey } = generateKeyPairSync('ed25519')
  const written = (key: KeyObject) => {
    const raw = key.export({ format: 'der', type: 'spki' }).subarray(-32)
    return `whpk_${raw.toString('base64')}`
  }
  const sign = (text = body, id = 'msg_1') =>
    signWith(null, Buffer.from(`${id}.${nowSeconds}.${text}`), privateKey).toString('base64')
  const verdict = (value: string, secret: string | string[] = written(publicKey)) =>
    ourVerdict(standardWebhooks({ secret }), { headers: signedAs(value), body })

  test('the signature v1a is verified with its public key, whpk_ or PEM, also among others', async () => {
    const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()
    for (const secret of [written(publicKey), pem, [written(otherKey), written(publicKey)]])
      for (const value of [`v1a,${sign()}`, `${signature} v1a,${sign('{}')} v1a,${sign()}`])
        expect(await verdict(value, secret)).toBe('accepts')
  })

  test('a function picks public keys where the algorithm is named', async () => {
    const { deliver, seen } = feed(
      standardWebhooks({
        algorithm: 'ed25519',
        secret: () => ({ tenant: 'acme', secret: [written(otherKey), written(publicKey)] }),
      }),
    )
    expect(await deliver(posted(body, signedAs(`v1a,${sign()}`)))).toEqual(received)
    expect(seen).toMatchObject([{ outcome: 'accepted', secretIndex: 1, key: 'standard-webhooks@acme:msg_1' }])
    expect(await deliver(posted(body, signedAs(signature)))).toEqual(invalidSignature)
    const told = recordedLogger()
    const unnamed = feed(standardWebhooks({ secret: () => written(publicKey) }), { logger: told.logger })
    expect(await unnamed.deliver(posted(body, signedAs(signature)))).toMatchObject({ status: 503 })
    const reason = expect.stringContaining("where a function picks it, give algorithm: 'ed25519'")
    expect(told.lines).toMatchObject([{ details: { err: { message: reason } } }])
    const wrongName = { secret, algorithm: 'v1a' as 'ed25519' }
    expect(() => standardWebhooks(wrongName)).toThrow('it must be one of hmac-sha256, ed25519')
  })

  test.each([
    ['with a flipped bit', `v1a,${sign().replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}`],
    ['that is cut off', `v1a,${sign().slice(0, -4)}`],
    ['over another body', `v1a,${sign('{}')}`],
    ['over another id', `v1a,${sign(body, 'msg_2')}`],
    ['that is empty', 'v1a,'],
    ['under the version of secrets', `v1,${sign()}`],
    ['made with a secret', signature],
    ['made with the public key for a secret', `v1a,${hmacWithPublicKey()}`],
  ])('a signature %s is refused', async (_, value) => {
    expect(await verdict(value)).toBe('invalid_signature')
  })

  test('a signature of another key is refused', async () => {
    expect(await verdict(`v1a,${sign()}`, written(otherKey))).toBe('invalid_signature')
  })

  test.each([
    ['a secret beside it', [written(publicKey), secret], /it does not begin with whpk_/],
    ['a key that is cut off', [written(publicKey).slice(0, 20)], /must be the public key of the sender/],
    ['the private key', [`whsk_${'a'.repeat(88)}`], /is the sender's private key; give its public key/],
  ])('%s is an error at construction, which does not show it', (_, given, reason) => {
    expect(() => standardWebhooks({ secret: given })).toThrow(reason)
    expect(() => standardWebhooks({ secret: given })).not.toThrow(given.at(-1))
  })

  test('a secret that is taken as it is written may begin like a private key', () => {
    const given = { secret: `whsk_${'a'.repeat(24)}`, secretEncoding: 'text' } as const
    expect(standardWebhooks(given).name).toBe('standard-webhooks')
  })

  function hmacWithPublicKey(): string {
    const digest = createHmac('sha512', written(publicKey)).update(`msg_1.${nowSeconds}.${body}`)
    return digest.digest('base64')
  }
})

describe('identity', () => {
  test('is webhook-id, which is signed: an attempt that is signed anew is a duplicate', async () => {
    const { deliver, handled, seen } = feed(standardWebhooks({ secret }))
    for (const age of [200, 100, 0]) expect(await deliver(posted(body, theirHeaders(age)))).toEqual(received)
    expect(handled.map(({ id }) => id)).toEqual(['msg_1'])
    expect(seen.map(({ outcome }) => outcome)).toEqual(['accepted', 'duplicate', 'duplicate'])
  })

  test('the same body under another id is another event', async () => {
    const { deliver, handled } = feed(standardWebhooks({ secret }))
    for (const id of ['msg_1', 'msg_2']) await deliver(posted(body, theirHeaders(0, { id })))
    expect(handled.map(({ id }) => id)).toEqual(['msg_1', 'msg_2'])
  })

  test('the same id over another body is a conflict', async () => {
    const { deliver, seen } = feed(standardWebhooks({ secret }))
    const text = `${body}\n`
    await deliver(posted(body, theirHeaders()))
    await deliver(posted(text, theirHeaders(0, { text })))
    expect(seen).toMatchObject([{ outcome: 'accepted' }, { outcome: 'duplicate', conflict: true }])
  })

  test('two senders are told apart by name', async () => {
    const keys: string[] = []
    for (const name of ['one-sender', 'another-sender']) {
      const { deliver, seen } = feed(standardWebhooks({ secret, name }))
      await deliver(posted(body, theirHeaders()))
      keys.push(...seen.map(({ key }) => key))
    }
    expect(keys).toEqual(['one-sender:msg_1', 'another-sender:msg_1'])
  })
})

test('data of a type with a schema is checked, that of others is handed on', async () => {
  const events = { 'invoice.paid': z.object({ amount: z.number() }) }
  const { deliver, handled, deadLetters } = feed(standardWebhooks({ secret, events }))
  const texts = [
    { type: 'invoice.paid', data: { amount: 5 } },
    { type: 'invoice.paid', data: { amount: 'five' } },
    { type: 'unheard.of', data: { anything: true } },
  ].map((payload) => JSON.stringify(payload))
  for (const [index, text] of texts.entries()) {
    expect(await deliver(posted(text, theirHeaders(0, { id: `msg_${index}`, text })))).toEqual(received)
  }
  expect(handled.map(({ data }) => data)).toEqual([{ amount: 5 }, { anything: true }])
  await expect.poll(deadLetters).toHaveLength(1)
})

describe('forms that senders have made of the standard', () => {
  const sendText = async (text: string, more: object = {}) => {
    const { deliver, handled } = feed(standardWebhooks({ secret, ...more }))
    expect(await deliver(posted(text, theirHeaders(0, { text })))).toEqual(received)
    return handled
  }

  test.each([
    ['{"type":"invoice.paid"}', 'invoice.paid'],
    ['{"event":"invoice.paid"}', 'invoice.paid'],
    ['{"type":null,"event":"invoice.paid"}', 'invoice.paid'],
    ['{"type":7}', 'message'],
    ['{}', 'message'],
  ])('the type of %s is %s', async (text, type) => {
    expect((await sendText(text)).map((event) => event.type)).toEqual([type])
  })

  test.each(['{"object_kind":"push","event_name":"push","ref":"refs/heads/main"}', '{"event_name":"push"}'])(
    'GitLab signs so from 19.0, and names the kind of its events by words of its own: %s',
    async (text) => {
      const handled = await sendText(text, { name: 'gitlab' })
      expect(handled.map(({ type, data }) => ({ type, data }))).toEqual([
        { type: 'push', data: JSON.parse(text) },
      ])
    },
  )

  test('what has a type is read as the standard says, whatever else it has', async () => {
    const [event] = await sendText('{"type":"t","object_kind":"push"}')
    expect(event).toMatchObject({ type: 't', data: undefined })
    const [other] = await sendText('{"event_name":"push","data":{"a":1}}') // not of GitLab
    expect(other).toMatchObject({ type: 'message', data: { a: 1 } })
  })

  test.each([
    ['null', now],
    ['"yesterday"', now],
    ['{}', now],
    ['1700000000', 1_700_000_000_000],
    ['1700000000123', 1_700_000_000_123],
    ['1e300', now],
    ['"2026-01-02T03:04:05Z"', Date.parse('2026-01-02T03:04:05Z')],
  ])('a timestamp of %s is no reason to refuse', async (timestamp, at) => {
    const handled = await sendText(`{"type":"t","timestamp":${timestamp}}`)
    expect(handled.map(({ createdAt }) => createdAt.getTime())).toEqual([at])
  })

  test.each([
    [
      '{"type":"email.sent","created_at":"2023-02-22T23:41:12.126Z","data":{}}',
      Date.parse('2023-02-22T23:41:12.126Z'),
    ],
    ['{"type":"response.completed","created_at":1750287018,"data":{}}', 1_750_287_018_000],
    ['{"type":"t","timestamp":"2026-01-02T03:04:05Z","created_at":1}', Date.parse('2026-01-02T03:04:05Z')],
    ['{"type":"t","timestamp":null,"created_at":{},"data":{}}', now],
    ['{"event_name":"user_rename","created_at":"2012-07-21T07:44:07Z"}', now], // when GitLab's user was created
  ])('of %s, which Resend, OpenAI or GitLab may have sent, the time is read', async (text, at) => {
    const handled = await sendText(text)
    expect(handled.map(({ createdAt }) => createdAt.getTime())).toEqual([at])
  })

  test('of a sender that signs nothing, an old created_at is no reason to refuse, as it may be the time of anything', async () => {
    const { deliver } = feed(standardWebhooks({ allowUnsigned: true }))
    const text = '{"type":"t","created_at":"2012-07-21T07:44:07Z","data":{}}'
    expect(await deliver(posted(text, { 'webhook-id': 'msg_1' }))).toEqual(received)
  })

  test('headers of the standard go before those of Svix, and each family is read by itself', async () => {
    const svix: Record<string, string> = Object.fromEntries(
      Object.entries(genuine).map(([name, value]) => [name.replace('webhook', 'svix'), value]),
    )
    const provider = standardWebhooks({ secret })
    expect(await ourVerdict(provider, { headers: { ...genuine, ...svix }, body })).toBe('accepts')
    const mixed = { ...svix, 'svix-id': '', 'webhook-id': 'msg_1' }
    expect(await ourVerdict(provider, { headers: mixed, body })).toBe('missing_signature')
    const forged = { ...svix, 'webhook-signature': wrong }
    expect(await ourVerdict(provider, { headers: forged, body })).toBe('missing_signature')
  })

  test.each([
    ['svix', 'webhook'],
    ['webhook', 'svix'],
  ])(
    'a replay of what is signed in headers %s-… is known, whatever id it has in %s-id',
    async (family, other) => {
      const headers: Record<string, string> = Object.fromEntries(
        Object.entries(genuine).map(([name, value]) => [name.replace('webhook', family), value]),
      )
      const { deliver, seen } = feed(standardWebhooks({ secret }))
      await deliver(posted(body, headers))
      await deliver(posted(body, { ...headers, [`${other}-id`]: 'msg_2' }))
      expect(seen.map(({ outcome, key }) => `${outcome} ${key}`)).toEqual([
        'accepted standard-webhooks:msg_1',
        'duplicate standard-webhooks:msg_1',
      ])
    },
  )

  test('a secret may be written v1,whsec_', async () => {
    expect(await ourVerdict(standardWebhooks({ secret: `v1,${secret}` }), { headers: genuine, body })).toBe(
      'accepts',
    )
  })

  test('Polar’s secrets are used as text, and others where they are said to be', async () => {
    const polar = 'polar_whs_ovyN6cPrTv56AApvzCaJno08SSmGJmgbWilb33N2JuK'
    const headersOf = (text: string) => theirHeaders(0, { key: Buffer.from(text).toString('base64') })
    expect(await ourVerdict(standardWebhooks({ secret: polar }), { headers: headersOf(polar), body })).toBe(
      'accepts',
    )
    const own = 'a secret of one’s own'
    const provider = standardWebhooks({ secret: own, secretEncoding: 'text' })
    expect(await ourVerdict(provider, { headers: headersOf(own), body })).toBe('accepts')
    expect(() => standardWebhooks({ secret: own })).toThrow(ConfigurationError)
  })
})
