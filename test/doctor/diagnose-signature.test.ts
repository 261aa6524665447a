import { createHmac, randomBytes } from 'node:crypto'
import { diagnoseSignature, type SignatureCase, type SignatureCause } from '@hookport/core/doctor'
import { github } from '@hookport/providers/github'
import { jaot } from '@hookport/providers/jaot'
import { sematryx } from '@hookport/providers/sematryx'
import { standardWebhooks } from '@hookport/providers/standard-webhooks'
import { describe, expect, test } from 'vitest'

const secret = 'your-webhook-secret'
const provider = sematryx({ allowUnsigned: true })
const spaced = Buffer.from(
  '{"id": "evt_1", "name": "Gr\\u00f6\\u00dfe", "data": {"fitness": 1.4e-05, "none": [], "z": 1, "a": true}}',
)
const utf8 = Buffer.from('{"name":"Größe"}')
const hmac = (body: string | Uint8Array, key: string | Uint8Array = secret) =>
  createHmac('sha256', key).update(body)
const hex = (body: string | Uint8Array, key?: string | Uint8Array) => hmac(body, key).digest('hex')

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
    const random = { body: randomBytes(size), signature: randomBytes(32).toString('hex') }
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
  test('JAOT: both of its forms match', async () => {
    for (const signature of [digest, `sha256=${digest}`]) {
      const headers = new Headers({ 'X-Jaot-Signature': signature })
      const case_ = { ...deliveryWith({}), provider: jaot({ allowUnsigned: true }), headers }
      expect(await diagnoseSignature(case_)).toMatchObject({ cause: 'matches' })
    }
  })

  test('GitHub: the prefix is missing', async () => {
    const headers = new Headers({ 'X-Hub-Signature-256': digest })
    const case_ = { ...deliveryWith({}), provider: github({ allowUnsigned: true }), headers }
    expect(await diagnoseSignature(case_)).toMatchObject({ cause: 'signature_prefix' })
  })

  test('Standard Webhooks: the secret was used as text, not decoded from base64', async () => {
    const timestamp = Math.floor(Date.now() / 1000)
    const signed = `msg_1.${timestamp}.${spaced}`
    const headers = new Headers({
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(timestamp),
      'webhook-signature': `v1,${hmac(signed, base64Secret).digest('base64')}`,
    })
    const decodeSecret = (text: string) => Buffer.from(text.replace('whsec_', ''), 'base64')
    const standard = standardWebhooks({ allowUnsigned: true })
    const case_ = { ...deliveryWith({ secrets: [base64Secret] }), provider: standard, headers, decodeSecret }
    expect(await diagnoseSignature(case_)).toMatchObject({ cause: 'decoded_secret' })
  })
})
