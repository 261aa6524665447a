import { createHmac, randomBytes } from 'node:crypto'
import { defineProvider, readBase64Digest, readHexDigest, type SignatureAlgorithm } from '@hookport/core'
import { diagnoseSignature, type SignatureCase, type SignatureCause } from '@hookport/core/doctor'
import { github } from '@hookport/providers/github'
import { jaot } from '@hookport/providers/jaot'
import { meta } from '@hookport/providers/meta'
import { sematryx } from '@hookport/providers/sematryx'
import { slack } from '@hookport/providers/slack'
import { standardWebhooks } from '@hookport/providers/standard-webhooks'
import { stripe } from '@hookport/providers/stripe'
import { describe, expect, test } from 'vitest'

const secret = 'your-webhook-secret'
const provider = sematryx({ allowUnsigned: true })
const spaced = Buffer.from(
  '{"id": "evt_1", "name": "Gr\\u00f6\\u00dfe", "data": {"fitness": 1.4e-05, "none": [], "z": 1, "a": true}}',
)
const windows1252 = new TextDecoder('windows-1252')
const utf8 = Buffer.from('{"name":"Größe"}')
const hmac = (body: string | Uint8Array, key: string | Uint8Array = secret) =>
  createHmac('sha256', key).update(body)
const hex = (body: string | Uint8Array, key?: string | Uint8Array) => hmac(body, key).digest('hex')

/** Random bytes that no JSON text begins with: a single random byte may be a digit or a brace, and those say something. */
function noJson(size: number): Uint8Array {
  const bytes = randomBytes(size)
  bytes[0] = 0
  return bytes
}

/** A delivery that matches, as long as nothing of it is replaced. */
function deliveryWith(changes: {
  body?: Uint8Array
  signature?: string
  headers?: Record<string, string>
  secrets?: string[]
  otherSecrets?: Record<string, string>
}): SignatureCase {
  const { body = spaced, signature = hex(spaced), headers, secrets = [secret], otherSecrets } = changes
  return {
    provider,
    body,
    secrets,
    otherSecrets,
    headers: new Headers(headers ?? { 'X-Sematryx-Signature': signature }),
  }
}

const base64Secret = `whsec_${Buffer.from('a key of 24 bytes, at least').toString('base64')}`
const standardKey = Buffer.from('a key of 24 bytes, at least')
const digest = hex(spaced)

const table: Array<[SignatureCause, string, Parameters<typeof deliveryWith>[0]]> = [
  [
    'reserialized_json',
    'the body was parsed and stringified before it was verified',
    { body: Buffer.from(JSON.stringify(JSON.parse(String(spaced)))) },
  ],
  [
    'reserialized_json',
    'the sender signed JSON.stringify',
    { signature: hex(JSON.stringify(JSON.parse(String(spaced)))) },
  ],
  [
    'reserialized_json',
    'the signed body was indented, with a newline',
    { signature: hex('{\n  "a": 1\n}\n'), body: Buffer.from('{"a":1}') },
  ],
  [
    'reserialized_json',
    'the signed body had its keys sorted',
    { signature: hex('{"a":1,"b":"\\u00e9"}'), body: Buffer.from('{"b":"é","a":1}') },
  ],
  [
    'reserialized_json',
    'the body arrived as JSON in a JSON string',
    { body: Buffer.from(JSON.stringify(String(spaced))) },
  ],
  [
    'reserialized_json',
    'Python’s whole floats became whole numbers, and its whole numbers stayed',
    {
      signature: hex(
        '{"best_solution": [0.0, 3.0, 1e+16, -2.5], "iterations": 500, "best_fitness": 0.0, "lower": [1, 2]}',
      ),
      body: Buffer.from(
        '{"best_solution":[0,3,10000000000000000,-2.5],"iterations":500,"best_fitness":0,"lower":[1,2]}',
      ),
    },
  ],
  ...(
    [
      ['PHP, with escaped slashes', '{"u":"a\\/b","n":"\\u00e9"}'],
      ['PHP, with its flag for Unicode', '{"u":"a\\/b","n":"é"}'],
      ['JavaScript, indented with tabs', '{\n\t"u": "a/b",\n\t"n": "é"\n}'],
      ['.NET on Windows, indented', '{\r\n  "u": "a/b",\r\n  "n": "\\u00E9"\r\n}'],
    ] as const
  ).map(([sender, signed]): [SignatureCause, string, Parameters<typeof deliveryWith>[0]] => [
    'reserialized_json',
    `the sender writes JSON as ${sender}`,
    { signature: hex(signed), body: Buffer.from('{"u":"a/b","n":"é"}') },
  ]),
  ...(
    [
      ['Go and Rails', '{"a":"\\u003c\\u0026=\'\\u003e"}'],
      ['Gson', '{"a":"\\u003c\\u0026\\u003d\\u0027\\u003e"}'],
      ['.NET', '{"a":"\\u003C\\u0026=\\u0027\\u003E"}'],
    ] as const
  ).map(([sender, signed]): [SignatureCause, string, Parameters<typeof deliveryWith>[0]] => [
    'reserialized_json',
    `the sender escapes what HTML does not allow, as ${sender} do`,
    { signature: hex(signed), body: Buffer.from(`{"a":"<&='>"}`) },
  ]),
  [
    'reserialized_json',
    'something that keeps numbers as they are wrote the body anew',
    {
      signature: hex('{"n": 12345678901234567890, "price": 1.10}'),
      body: Buffer.from('{"n":12345678901234567890,"price":1.10}'),
    },
  ],
  [
    'reserialized_json',
    'Python wrote the body anew, with its NaN',
    {
      signature: hex('{"best": NaN, "worst": -Infinity}'),
      body: Buffer.from('{"best":NaN,"worst":-Infinity}'),
    },
  ],
  ['other_algorithm', 'SHA-1', { signature: createHmac('sha1', secret).update(spaced).digest('hex') }],
  ['other_algorithm', 'SHA-512', { signature: createHmac('sha512', secret).update(spaced).digest('hex') }],
  [
    'other_algorithm',
    'SHA-512 in base64',
    { signature: createHmac('sha512', secret).update(spaced).digest('base64') },
  ],
  [
    'other_secret',
    'that of another provider, which decodes it',
    { signature: hex(spaced, standardKey), otherSecrets: { CLERK: base64Secret } },
  ],
  [
    'decoded_text',
    'UTF-8 was taken for Latin-1',
    { signature: hex(utf8), body: Buffer.from(utf8.toString('latin1')) },
  ],
  [
    'decoded_text',
    'the sender signed what it decoded',
    { signature: hex(Buffer.from([0x7b, 0xff, 0x7d]).toString()), body: Buffer.from([0x7b, 0xff, 0x7d]) },
  ],
  [
    'decoded_text',
    'bytes that are not UTF-8 were replaced',
    {
      signature: hex(Buffer.from([0x7b, 0xff, 0x7d])),
      body: Buffer.from(Buffer.from([0x7b, 0xff, 0x7d]).toString()),
    },
  ],
  [
    'decoded_text',
    'UTF-8 was taken for what the Web calls Latin-1',
    {
      signature: hex('{"name":"€ “x”"}'),
      body: Buffer.from(windows1252.decode(Buffer.from('{"name":"€ “x”"}'))),
    },
  ],
  [
    'decoded_text',
    'the body was saved as UTF-16',
    { signature: hex(utf8), body: Buffer.from(String(utf8), 'utf16le') },
  ],
  [
    'decoded_text',
    'accents were taken off their letters',
    { signature: hex(utf8), body: Buffer.from(String(utf8).normalize('NFD')) },
  ],
  [
    'decoded_text',
    'accents were put on their letters',
    { signature: hex(String(utf8).normalize('NFD')), body: utf8 },
  ],
  ['decoded_text', 'a platform handed it on in base64', { body: Buffer.from(spaced.toString('base64')) }],
  ['trailing_newline', 'two were removed', { signature: hex(`${spaced}\n\n`) }],
  ['trailing_newline', 'one was added in front', { body: Buffer.from(`\n${spaced}`) }],
  ['trailing_newline', 'a space was removed', { signature: hex(`${spaced} `) }],
  ['trailing_newline', 'one was added', { body: Buffer.concat([spaced, Buffer.from('\n')]) }],
  [
    'trailing_newline',
    'one was added, as on Windows',
    { body: Buffer.concat([spaced, Buffer.from('\r\n')]) },
  ],
  ['trailing_newline', 'one was removed', { signature: hex(`${spaced}\n`) }],
  ['line_endings', 'LF became CRLF', { signature: hex('{\n"a":1\n}'), body: Buffer.from('{\r\n"a":1\r\n}') }],
  ['line_endings', 'CRLF became LF', { signature: hex('{\r\n"a":1\r\n}'), body: Buffer.from('{\n"a":1\n}') }],
  ['byte_order_mark', 'one was added', { body: Buffer.concat([Buffer.from('\ufeff'), spaced]) }],
  ['byte_order_mark', 'one was removed', { signature: hex(`\ufeff${spaced}`) }],
  ['padded_secret', 'a newline in the configured one', { secrets: [`${secret}\n`] }],
  ['padded_secret', 'a space in the sender’s', { signature: hex(spaced, `${secret} `) }],
  ['padded_secret', 'a newline that was never one', { secrets: [`${secret}\\n`] }],
  ['padded_secret', 'a newline in front of the sender’s', { signature: hex(spaced, `\n${secret}`) }],
  ['padded_secret', 'spaces around the sender’s', { signature: hex(spaced, ` ${secret} `) }],
  ['padded_secret', 'a tab in the sender’s', { signature: hex(spaced, `${secret}\t`) }],
  [
    'padded_secret',
    'a newline of the sender’s that was never one',
    { signature: hex(spaced, `${secret}\\n`) },
  ],
  ['padded_secret', 'a space that nobody sees', { secrets: [`${secret}\u200b`] }],
  ['quoted_secret', 'of a word processor', { secrets: [`“${secret}”`] }],
  ['quoted_secret', 'with a newline behind them', { secrets: [`"${secret}"\n`] }],
  ['quoted_secret', 'with spaces in them', { secrets: [`' ${secret} '`] }],
  ['quoted_secret', 'one that was left', { secrets: [`${secret}"`] }],
  ['quoted_secret', 'with the semicolon of a line of code', { secrets: [`'${secret}';`] }],
  ['quoted_secret', 'in the configured one', { secrets: [`"${secret}"`] }],
  ['quoted_secret', 'in the sender’s', { signature: hex(spaced, `'${secret}'`) }],
  [
    'other_secret',
    'that of another webhook',
    { signature: hex(spaced, 'jaot-secret'), otherSecrets: { JAOT_WEBHOOK_SECRET: 'jaot-secret' } },
  ],
  ['signature_encoding', 'base64 for hex', { signature: hmac(spaced).digest('base64') }],
  ['signature_encoding', 'base64url for hex', { signature: hmac(spaced).digest('base64url') }],
  ['upper_case_signature', 'hex digits', { signature: digest.toUpperCase() }],
  ['signature_prefix', 'surplus', { signature: `sha256=${digest}` }],
  ['quoted_signature', 'quotation marks', { signature: `"${digest}"` }],
  ['quoted_signature', 'a header that was sent twice', { signature: `${digest}, ${digest}` }],
  ['quoted_signature', 'a semicolon behind it', { signature: `${digest};` }],
  ['signature_prefix', 'of hex digits', { signature: `0x${digest}` }],
  ['truncated_signature', 'half of it', { signature: digest.slice(0, 32) }],
  ['truncated_body', 'cut in the middle', { body: spaced.subarray(0, 60) }],
  ['truncated_body', 'cut in a string that holds a brace', { body: Buffer.from('{"a": "b}') }],
  [
    'truncated_body',
    'announced longer than it is',
    {
      body: Buffer.from('[1]'),
      headers: { 'X-Sematryx-Signature': digest, 'Content-Length': '99' },
    },
  ],
  ['truncated_body', 'nothing left of it', { body: Buffer.alloc(0) }],
  [
    'decoded_secret',
    'whsec_ stripped by the sender',
    { signature: hex(spaced, 'abc'), secrets: ['whsec_abc'] },
  ],
  [
    'decoded_secret',
    'whsec_ stripped in the configuration',
    { signature: hex(spaced, 'whsec_abc'), secrets: ['abc'] },
  ],
  [
    'decoded_secret',
    'base64-decoded by the sender',
    { signature: hex(spaced, 'a key of 24 bytes, at least'), secrets: [base64Secret] },
  ],
  ['wrong_header', 'that of another provider', { headers: { 'X-Hub-Signature-256': digest } }],
  ['missing_signature', 'no signature at all', { headers: { 'Content-Type': 'application/json' } }],
]

describe('each cause is named', () => {
  test.each(table)('%s: %s', async (cause, _, changes) => {
    const diagnosis = await diagnoseSignature(deliveryWith(changes))
    expect(diagnosis).toMatchObject({ cause, explanation: expect.any(String), fix: expect.any(String) })
    expect(diagnosis).not.toHaveProperty('also')
  })

  test.each(table)('%s: %s: no secret, signature or body is in it', async (_cause, _story, changes) => {
    const signatureCase = deliveryWith(changes)
    const { secrets, otherSecrets = {}, body, headers } = signatureCase
    const said = JSON.stringify(await diagnoseSignature(signatureCase))
    const hidden = [...secrets, ...Object.values(otherSecrets), headers.get('x-sematryx-signature') ?? '']
    for (const each of [...hidden, String(body)].filter((text) => text.length > 5)) {
      expect(said).not.toContain(each.trim())
    }
  })
})

test('a delivery that matches is said to match', async () => {
  expect(await diagnoseSignature(deliveryWith({}))).toMatchObject({ cause: 'matches', proven: true })
})

test('either of two secrets may match', async () => {
  expect(await diagnoseSignature(deliveryWith({ secrets: ['the-new-one', secret] }))).toMatchObject({
    cause: 'matches',
  })
})

test('what the provider accepts resigned matches', async () => {
  const lenient = sematryx({ allowUnsigned: true, acceptReserialized: true })
  const signature = hex(JSON.stringify(JSON.parse(String(spaced))))
  expect(await diagnoseSignature({ ...deliveryWith({ signature }), provider: lenient })).toMatchObject({
    cause: 'matches',
  })
})

describe('random bytes: none of the known causes', () => {
  test.each([1, 2, 100, 5_000, 200_000])('%d of them', async (size) => {
    const random = { body: noJson(size), signature: randomBytes(32).toString('hex') }
    expect(await diagnoseSignature(deliveryWith(random))).toMatchObject({
      cause: 'none of the known causes',
      proven: false,
    })
  })

  test('a well-formed body, signed with a secret that nobody knows', async () => {
    const strange = { signature: hex(spaced, 'a secret that nobody knows') }
    expect(await diagnoseSignature(deliveryWith(strange))).toMatchObject({
      cause: 'none of the known causes',
    })
  })

  test.each(['5', 'null', '"a: b, c"', '{}', '[]'])(
    '%s, which everyone writes alike: no sign of being re-serialised',
    async (body) => {
      expect(await diagnoseSignature(deliveryWith({ body: Buffer.from(body) }))).toMatchObject({
        cause: 'none of the known causes',
      })
    },
  )

  test('a body that is what JSON.stringify writes: likely re-serialised, and not proven', async () => {
    const body = Buffer.from('{"id":"evt_1","text":"a"}')
    const strange = { body, signature: hex(body, 'a secret that nobody knows') }
    const diagnosis = await diagnoseSignature(deliveryWith(strange))
    expect(diagnosis).toMatchObject({ cause: 'reserialized_json', proven: false })
    expect(diagnosis.explanation).toContain('likely re-serialised')
  })

  test('random bytes for a signature', async () => {
    const signature = randomBytes(20).toString('hex')
    expect(await diagnoseSignature(deliveryWith({ signature }))).toMatchObject({
      cause: 'none of the known causes',
    })
  })
})

describe('two causes at once', () => {
  test('the secret has a newline, and the body too', async () => {
    const diagnosis = await diagnoseSignature(
      deliveryWith({ secrets: [`${secret}\n`], body: Buffer.concat([spaced, Buffer.from('\n')]) }),
    )
    expect([diagnosis.cause, diagnosis.also].sort()).toEqual(['padded_secret', 'trailing_newline'])
    expect(diagnosis.proven).toBe(true)
  })

  test.each([
    [
      'byte_order_mark',
      'the body was saved with a byte order mark and a newline',
      spaced,
      `\ufeff${spaced}\n`,
    ],
    ['line_endings', 'the body was saved on Windows', '{\n  "a": 1\n}', '{\r\n  "a": 1\r\n}\r\n'],
  ])('%s: %s', async (cause, _, sent, arrived) => {
    const delivery = deliveryWith({ signature: hex(sent), body: Buffer.from(arrived) })
    expect(await diagnoseSignature(delivery)).toMatchObject({ cause, also: 'trailing_newline', proven: true })
  })

  test.each([
    ['padded_secret', 'jaot-secret\n'],
    ['quoted_secret', '"jaot-secret"'],
  ])('the secret of another webhook, as it is configured there: %s', async (also, configured) => {
    const otherSecrets = { JAOT_WEBHOOK_SECRET: configured }
    const delivery = deliveryWith({ signature: hex(spaced, 'jaot-secret'), otherSecrets })
    expect(await diagnoseSignature(delivery)).toMatchObject({ cause: 'other_secret', also, proven: true })
  })

  test('the webhook of one provider points to the URL of the other', async () => {
    const diagnosis = await diagnoseSignature(
      deliveryWith({
        headers: { 'X-Jaot-Signature': hex(spaced, 'jaot-secret') },
        otherSecrets: { JAOT_WEBHOOK_SECRET: 'jaot-secret' },
      }),
    )
    expect(diagnosis).toMatchObject({ cause: 'wrong_header', also: 'other_secret' })
    expect(diagnosis.explanation).toContain('x-jaot-signature')
  })
})

test('a large body: one cause is found, two are not looked for, as each try hashes it all', async () => {
  const large = Buffer.alloc(100_000, 'x')
  const saved = Buffer.concat([large, Buffer.from('\n')])
  const one = deliveryWith({ signature: hex(large), body: saved })
  expect(await diagnoseSignature(one)).toMatchObject({ cause: 'trailing_newline' })
  expect(await diagnoseSignature({ ...one, secrets: [`${secret}\n`] })).toMatchObject({
    cause: 'none of the known causes',
  })
})

test('a secret that is decoded: of a definition of your own it is said where', async () => {
  const decoded = deliveryWith({ signature: hex(spaced, standardKey), secrets: [base64Secret.slice(6)] })
  const { cause, fix } = await diagnoseSignature(decoded)
  expect(cause).toBe('decoded_secret')
  expect(fix).toContain('decodeSecret')
})

test('the name of the other secret is in the explanation', async () => {
  const otherSecrets = { JAOT_WEBHOOK_SECRET: 'jaot-secret' }
  const diagnosis = await diagnoseSignature(
    deliveryWith({ signature: hex(spaced, 'jaot-secret'), otherSecrets }),
  )
  expect(diagnosis.explanation).toContain('JAOT_WEBHOOK_SECRET')
})

test('headers that can only be asked by name: the usual ones are asked', async () => {
  const get = (name: string) => (name === 'x-hub-signature-256' ? `sha256=${digest}` : undefined)
  const diagnosis = await diagnoseSignature({ ...deliveryWith({}), headers: { get } })
  expect(diagnosis).toMatchObject({ cause: 'wrong_header', also: 'signature_prefix' })
})

describe('any provider with HMAC-SHA256', () => {
  const unsigned = { allowUnsigned: true }
  const timestamp = Math.floor(Date.now() / 1000)
  const stripeCase = (signed: string, changes: Parameters<typeof deliveryWith>[0] = {}) => ({
    ...deliveryWith(changes),
    provider: stripe(unsigned),
    headers: new Headers({ 'Stripe-Signature': `t=${timestamp},v1=${signed}` }),
  })
  const standardCase = (write: (digest: Buffer) => string, secrets = [base64Secret]) => ({
    ...deliveryWith({ secrets }),
    provider: standardWebhooks(unsigned),
    headers: new Headers({
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(timestamp),
      'webhook-signature': write(hmac(`msg_1.${timestamp}.${spaced}`, standardKey).digest()),
    }),
  })

  test('JAOT: both of its forms match', async () => {
    for (const signature of [digest, `sha256=${digest}`]) {
      const headers = new Headers({ 'X-Jaot-Signature': signature })
      const case_ = { ...deliveryWith({}), provider: jaot({ allowUnsigned: true }), headers }
      expect(await diagnoseSignature(case_)).toMatchObject({ cause: 'matches' })
    }
  })

  const slackTime = String(Math.floor(Date.now() / 1000))

  test.each([
    ['GitHub', github(unsigned), { 'X-Hub-Signature-256': digest }],
    ['Meta', meta(unsigned), { 'X-Hub-Signature-256': digest }],
    [
      'Slack',
      slack(unsigned),
      { 'X-Slack-Signature': hex(`v0:${slackTime}:${spaced}`), 'X-Slack-Request-Timestamp': slackTime },
    ],
  ])('%s: the prefix is missing', async (_, provider, headers) => {
    const case_ = { ...deliveryWith({}), provider, headers: new Headers(headers as Record<string, string>) }
    expect(await diagnoseSignature(case_)).toMatchObject({ cause: 'signature_prefix', proven: true })
  })

  test('GitHub: the signature is cut off', async () => {
    const headers = new Headers({ 'X-Hub-Signature-256': `sha256=${digest.slice(0, 63)}` })
    const case_ = { ...deliveryWith({}), provider: github(unsigned), headers }
    expect(await diagnoseSignature(case_)).toMatchObject({ cause: 'truncated_signature', proven: true })
  })

  test('Stripe: the time in the header is signed, too', async () => {
    const signed = hex(`${timestamp}.${spaced}`)
    expect(await diagnoseSignature(stripeCase(signed))).toMatchObject({ cause: 'matches' })
  })

  test('Stripe: the body was written anew', async () => {
    const body = Buffer.from(JSON.stringify(JSON.parse(String(spaced))))
    const signed = hex(`${timestamp}.${spaced}`)
    expect(await diagnoseSignature(stripeCase(signed, { body }))).toMatchObject({
      cause: 'reserialized_json',
    })
  })

  test('Stripe: the signature is cut off', async () => {
    const signed = hex(`${timestamp}.${spaced}`)
    for (const length of [8, 32, 63]) {
      const cutOff = stripeCase(signed.slice(0, length))
      expect(await diagnoseSignature(cutOff)).toMatchObject({ cause: 'truncated_signature', proven: true })
    }
    const tooShort = stripeCase(signed.slice(0, 7))
    expect(await diagnoseSignature(tooShort)).toMatchObject({ cause: 'none of the known causes' })
    const another = stripeCase(hex(`0.${spaced}`).slice(0, 32))
    expect(await diagnoseSignature(another)).toMatchObject({ cause: 'none of the known causes' })
  })

  test('Standard Webhooks: the secret is decoded as the definition says', async () => {
    const whole = standardCase((signed) => `v1,${signed.toString('base64')}`)
    expect(await diagnoseSignature(whole)).toMatchObject({ cause: 'matches' })
  })

  test.each(['webhook-id', 'webhook-timestamp'])(
    'Standard Webhooks: %s, which is signed, is missing',
    async (name) => {
      const whole = standardCase((signed) => `v1,${signed.toString('base64')}`)
      whole.headers.delete(name)
      const diagnosis = await diagnoseSignature(whole)
      expect(diagnosis).toMatchObject({ cause: 'missing_signed_header', proven: false })
      expect(diagnosis.explanation).toContain(name)
    },
  )

  test('GitHub: SHA-1, as its older header has it', async () => {
    const signed = createHmac('sha1', secret).update(spaced).digest('hex')
    const headers = new Headers({ 'X-Hub-Signature-256': `sha256=${signed}` })
    const diagnosis = await diagnoseSignature({ ...deliveryWith({}), provider: github(unsigned), headers })
    expect(diagnosis).toMatchObject({ cause: 'other_algorithm', proven: true })
    expect(diagnosis.explanation).toContain('hmac-sha1')
  })

  test.each<[string, number, SignatureAlgorithm, string]>([
    ['does not name its algorithm', 64, 'hmac-sha256', 'sha512'],
    ['reads digests of another length', 32, 'hmac-sha1', 'sha1'],
  ])('a definition that %s', async (_, bytes, algorithm, hash) => {
    const acme = defineProvider({
      ...unsigned,
      name: 'acme',
      retryHorizon: 0,
      events: {},
      signatureHeaders: ['x-acme-signature'],
      readSignature(headers) {
        const digest = readHexDigest(headers.get('x-acme-signature') ?? '', { bytes })
        return digest ? { digests: [digest] } : 'malformed'
      },
      readEnvelope: () => ({ id: undefined, type: 'any', createdAt: undefined }),
    })
    const headers = new Headers({ 'x-acme-signature': createHmac(hash, secret).update(spaced).digest('hex') })
    const delivery = { ...deliveryWith({}), provider: { ...acme, algorithm }, headers }
    const { cause, explanation, fix } = await diagnoseSignature(delivery)
    expect(cause).toBe('other_algorithm')
    expect(explanation).toContain(`hmac-${hash}`)
    expect(fix).toContain('of its length')
  })

  test('Standard Webhooks: the signature is cut off', async () => {
    const cutOff = standardCase((signed) => `v1,${signed.toString('base64').slice(0, 30)}`)
    expect(await diagnoseSignature(cutOff)).toMatchObject({ cause: 'truncated_signature', proven: true })
  })

  test('Standard Webhooks: the prefix is missing', async () => {
    const bare = standardCase((signed) => signed.toString('base64'))
    expect(await diagnoseSignature(bare)).toMatchObject({ cause: 'signature_prefix', proven: true })
  })

  test('Standard Webhooks: base64url for base64 is refused, so it is not said to match', async () => {
    const inUrls = standardCase((signed) => `v1,${signed.toString('base64url')}`)
    expect(await diagnoseSignature(inUrls)).toMatchObject({ cause: 'signature_encoding', proven: true })
  })

  test('one that nobody here has heard of: its own headers, prefix and secrets are known by its definition', async () => {
    const acme = defineProvider({
      name: 'acme',
      ...unsigned,
      retryHorizon: 0,
      events: {},
      decodeSecret: (text) => Buffer.from(text.split('').reverse().join('')),
      signatureHeaders: ['x-acme-hmac', 'x-acme-nonce'],
      signaturePrefix: 'hmac-of-acme ',
      readSignature: (headers) => {
        const header = headers.get('x-acme-hmac')
        if (!header) return 'missing'
        const signed = readBase64Digest(header.replace(/^hmac-of-acme /, ''))
        if (!signed || !header.startsWith('hmac-of-acme ')) return 'malformed'
        return { digests: [signed], signedPrefix: `${headers.get('x-acme-nonce')}\n` }
      },
      readEnvelope: () => ({ id: undefined, type: 'a', createdAt: undefined }),
    })
    const signed = hmac(`7\n${spaced}`, 'terces').digest('base64')
    const diagnose = (name: string, signature: string) => {
      const headers = new Headers({ [name]: signature, 'X-Acme-Nonce': '7' })
      return diagnoseSignature({ provider: acme, secrets: ['secret'], body: spaced, headers })
    }
    const written = `hmac-of-acme ${signed}`
    expect(await diagnose('X-Acme-Hmac', written)).toMatchObject({ cause: 'matches' })
    expect(await diagnose('X-Acme-Hmac', signed)).toMatchObject({ cause: 'signature_prefix' })
    expect(await diagnose('X-Acme-Hmac', written.slice(0, 40))).toMatchObject({
      cause: 'truncated_signature',
    })
    expect(await diagnose('X-Other', written)).toMatchObject({ cause: 'wrong_header' })
  })

  test('Standard Webhooks: the secret was used as text, not decoded from base64', async () => {
    const signed = `msg_1.${timestamp}.${spaced}`
    const headers = new Headers({
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(timestamp),
      'webhook-signature': `v1,${hmac(signed, base64Secret).digest('base64')}`,
    })
    const case_ = {
      ...deliveryWith({ secrets: [base64Secret] }),
      provider: standardWebhooks(unsigned),
      headers,
    }
    expect(await diagnoseSignature(case_)).toMatchObject({ cause: 'decoded_secret' })
  })
})
