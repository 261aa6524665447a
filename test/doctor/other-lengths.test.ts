import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import {
  defineProvider,
  readBase64,
  readBase64Digest,
  readHexDigest,
  type SignatureAlgorithm,
} from '@hookport/core'
import { diagnoseSignature } from '@hookport/core/doctor'
import { discord } from '@hookport/providers/discord'
import { standardWebhooks } from '@hookport/providers/standard-webhooks'
import { describe, expect, test } from 'vitest'

const secret = 'your-webhook-secret'
const body = Buffer.from('{"id": "1", "type": "paid", "name": "größer 🦖"}')
const name = 'x-acme-signature'

interface Form {
  readonly algorithm: SignatureAlgorithm
  readonly bytes: number
  readonly encoding: 'hex' | 'base64'
  readonly prefix: string
}

/** A sender that writes its signature in this form. */
function acme({ algorithm, bytes, encoding, prefix }: Form) {
  const read = encoding === 'hex' ? readHexDigest : readBase64Digest
  return defineProvider({
    name: 'acme',
    algorithm,
    allowUnsigned: true,
    retryHorizon: 0,
    events: {},
    signatureHeaders: [name],
    signaturePrefix: prefix,
    readSignature(headers) {
      const header = headers.get(name)
      if (!header) return 'missing'
      const digest = header.startsWith(prefix) && read(header.slice(prefix.length), { bytes })
      return digest ? { digests: [digest] } : 'malformed'
    },
    readEnvelope: () => ({ id: undefined, type: 'paid', createdAt: undefined }),
  })
}

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const key = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
const hmac = (hash: string) => createHmac(hash, secret).update(body).digest()

const senders: [sender: string, form: Form, digest: Buffer, secret: string][] = [
  ['Intercom', { algorithm: 'hmac-sha1', bytes: 20, encoding: 'hex', prefix: 'sha1=' }, hmac('sha1'), secret],
  ['Trello', { algorithm: 'hmac-sha1', bytes: 20, encoding: 'base64', prefix: '' }, hmac('sha1'), secret],
  ['Paystack', { algorithm: 'hmac-sha512', bytes: 64, encoding: 'hex', prefix: '' }, hmac('sha512'), secret],
  [
    'Telnyx',
    { algorithm: 'ed25519', bytes: 64, encoding: 'base64', prefix: '' },
    sign(null, body, privateKey),
    key,
  ],
]

describe.each(senders)('a digest as long as that of %s', (_, form, digest, configured) => {
  const right = digest.toString(form.encoding)
  const diagnosed = async (header: string, value: string) =>
    diagnoseSignature({
      provider: acme(form),
      secrets: [configured],
      body,
      headers: new Headers({ [header]: value }),
    })

  test('matches', async () => {
    expect(await diagnosed(name, form.prefix + right)).toMatchObject({ cause: 'matches' })
  })

  test.each([
    ['signature_encoding', form.prefix + digest.toString(form.encoding === 'hex' ? 'base64' : 'hex')],
    ['signature_encoding', form.prefix + digest.toString('base64url')],
    ['quoted_signature', `"${form.prefix}${right}"`],
    ['signature_prefix', form.prefix === '' ? `sha=${right}` : right],
    ...(form.encoding === 'hex' ? [['upper_case_signature', form.prefix + right.toUpperCase()]] : []),
  ])('%s is named', async (cause, value) => {
    expect(await diagnosed(name, value as string)).toMatchObject({ cause, proven: true })
  })

  test('wrong_header is named', async () => {
    expect(await diagnosed('x-other', form.prefix + right)).toMatchObject({
      cause: 'wrong_header',
      proven: true,
    })
  })
})

describe('a sender that may sign in either of two families of headers', () => {
  const signed = (family: string) => ({
    [`${family}-id`]: 'msg_1',
    [`${family}-timestamp`]: '1700000000',
    [`${family}-signature`]: `v1,${hmac('sha256').toString('base64')}`,
  })
  const diagnosed = (headers: Record<string, string>) =>
    diagnoseSignature({
      provider: standardWebhooks({ allowUnsigned: true }),
      secrets: [`whsec_${Buffer.alloc(24, 1).toString('base64')}`],
      body,
      headers: new Headers(headers),
    })

  test.each(['webhook', 'svix'])(
    '%s: with a secret that nobody knows, no header is said to be missing',
    async (family) => {
      expect(await diagnosed(signed(family))).toMatchObject({ cause: 'none of the known causes' })
    },
  )

  test.each(['webhook', 'svix'])(
    '%s: the header that is missing is named, and not one of the other family',
    async (family) => {
      for (const missing of [`${family}-id`, `${family}-timestamp`]) {
        const { [missing]: _, ...headers } = signed(family)
        const { cause, explanation } = await diagnosed(headers)
        expect({ cause, explanation }).toMatchObject({
          cause: 'missing_signed_header',
          explanation: expect.stringContaining(missing),
        })
      }
    },
  )
})

test('a header that is missing is named, too, by a definition that answers malformed without it', async () => {
  const provider = defineProvider({
    name: 'acme',
    retryHorizon: 0,
    events: {},
    secret: 'a secret',
    signatureHeaders: ['x-acme-signature', 'x-acme-time'],
    readSignature(headers) {
      const digest = readHexDigest(headers.get('x-acme-signature') ?? '')
      const time = headers.get('x-acme-time')
      return digest && time ? { digests: [digest], signedPrefix: `${time}.` } : 'malformed'
    },
    readEnvelope: () => ({ id: undefined, type: 'a', createdAt: undefined }),
  })
  const headers = new Headers({ 'x-acme-signature': '0'.repeat(64) })
  expect(await diagnoseSignature({ provider, secrets: ['a secret'], body, headers })).toMatchObject({
    cause: 'missing_signed_header',
    explanation: expect.stringContaining('x-acme-time'),
  })
})

describe('Discord, which signs with a key pair, a time among it', () => {
  const provider = discord({ allowUnsigned: true })
  const keyInHex = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
  const time = '1795176000'
  const signature = sign(null, Buffer.from(time + body), privateKey).toString('hex')
  const compact = Buffer.from('{"type":1}')
  const signedCompact = sign(null, Buffer.from(time + compact), privateKey).toString('hex')
  const diagnosed = (headers: Record<string, string>, bytes = body) =>
    diagnoseSignature({ provider, secrets: [keyInHex], body: bytes, headers: new Headers(headers) })

  test.each([
    ['of which the time alone is there has no signature', {}, 'missing_signature'],
    [
      'whose signature is cut off is likely told so',
      { signature: signedCompact.slice(0, -4) },
      'truncated_signature',
    ],
    ['whose signature is another one is not told so', { signature }, 'reserialized_json'],
  ])('a delivery %s', async (_, { signature = '' }: { signature?: string }, cause) => {
    const headers = { 'x-signature-timestamp': time, ...(signature && { 'x-signature-ed25519': signature }) }
    expect(await diagnosed(headers, compact)).toMatchObject({ cause, proven: false })
  })
})

describe('an ECDSA signature, whose length varies', () => {
  const keys = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const header = 'x-acme-signature'
  const provider = defineProvider({
    name: 'acme',
    algorithm: 'ecdsa-p256',
    allowUnsigned: true,
    retryHorizon: 0,
    events: {},
    signatureHeaders: [header],
    readSignature(headers) {
      const value = headers.get(header)
      if (!value) return 'missing'
      const bytes = readBase64(value)
      return bytes ? { digests: [bytes] } : 'malformed'
    },
    readEnvelope: () => ({ id: undefined, type: 'paid', createdAt: undefined }),
  })
  const signatures = Array.from({ length: 20 }, () => sign('sha256', body, keys.privateKey))
  const right = (signature: Buffer) => signature.toString('base64')

  test.each<[string, (signature: Buffer) => string]>([
    ['matches', right],
    ['quoted_signature', (signature) => `"${right(signature)}"`],
    ['quoted_signature', (signature) => `${right(signature)}, ${right(signature)}`],
    ['signature_prefix', (signature) => `sha256=${right(signature)}`],
    ['signature_encoding', (signature) => signature.toString('hex')],
  ])('%s is named', async (cause, write) => {
    const secrets = [keys.publicKey.export({ format: 'pem', type: 'spki' }).toString()]
    for (const signature of signatures) {
      const headers = new Headers({ [header]: write(signature) })
      const diagnosis = await diagnoseSignature({ provider, secrets, body, headers })
      expect(diagnosis).toMatchObject({ cause, proven: true })
    }
  })
})
