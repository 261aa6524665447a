import { generateKeyPairSync } from 'node:crypto'
import { runInNewContext } from 'node:vm'
import { ConfigurationError, defineProvider, type ProviderDefinition } from '@hookport/core'
import { expect, test } from 'vitest'
import { acme, acmeSecret, signedPost } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'

type Changes = Record<string, unknown>

const define = (changes: Changes) =>
  acme({ secret: acmeSecret, ...changes } as unknown as Parameters<typeof acme>[0])

/** A definition of a sender that does not sign. */
const unsigned = { secret: undefined, allowUnsigned: true, signatureHeaders: [] }

test.each<[string, Changes]>([
  ['algorithm', { algorithm: 'hmac-md5' }],
  ['algorithm', { algorithm: 'toString' }],
  ['signatureHeaders', { signatureHeaders: 'x-acme-signature' }],
  ['signatureHeaders', { signatureHeaders: ['X-Acme-Signature'] }],
  ['signatureHeaders', { signatureHeaders: ['x acme'] }],
  ['signatureHeaders', { signatureHeaders: ['a', 'b', 'a'] }],
  ['signatureHeaders', { signatureHeaders: [] }],
  ['signaturePrefix', { signaturePrefix: 7 }],
  ['typeHeader', { typeHeader: 'X-Acme-Type' }],
  ['typeHeader', { typeHeader: 'x-acme-signature' }],
  ['readSignature', { readSignature: undefined }],
  ['readEnvelope', { readEnvelope: 'id' }],
  ['body', { body: 'xml' }],
  ['resignedContent', { resignedContent: JSON.stringify, body: 'form' }],
  ['resignedContent', { resignedContent: JSON.stringify, body: 'events' }],
  ['resignedContent', { resignedContent: JSON.stringify, body: () => ({}) }],
  ['endings', { endings: ['order.paid'] }],
  ['endings.order.paid', { endings: { 'order.paid': 'With spaces' } }],
  ['endings.order.paid', { endings: { 'order.paid': [] } }],
  ['endings.order.paid', { endings: { 'order.paid': undefined } }],
  ['fetch', { fetch: 'the order' }],
  ['handshake.put', { handshake: { put: () => undefined } }],
  ['handshake.get', { handshake: { get: 'challenge' } }],
  ['handshake.options', { handshake: { options: () => undefined } }],
  ['handshake.get is async', { handshake: { get: async () => undefined } }],
  [
    'handshake.options is async',
    { handshake: { options: async () => undefined }, secret: undefined, allowUnsigned: true },
  ],
  ['readSignature is async', { readSignature: async () => 'missing' }],
  ['readEnvelope is async', { readEnvelope: async () => ({}) }],
  ['readData is async', { readData: async () => ({}) }],
  ['body is async', { body: async () => ({}) }],
  ['algorithm', { ...unsigned, algorithm: 'ed25519' }],
  ['decodeSecret', { ...unsigned, decodeSecret: () => Buffer.alloc(32, 1) }],
  ['signaturePrefix', { ...unsigned, signaturePrefix: 'sha256=' }],
  ['resignedContent', { ...unsigned, resignedContent: JSON.stringify }],
  ['retryHorizon', { retryHorizon: Number.POSITIVE_INFINITY }],
  ['retryHorizon', { retryHorizon: Number.NaN }],
  ['secret', { algorithm: 'ed25519' }],
  ['secret', { algorithm: 'ed25519', secret: 'ab'.repeat(31) }],
  ['secret', { algorithm: 'ecdsa-p256', secret: 'ab'.repeat(32) }],
  ['retryHorizon', { retryHorizon: -1 }],
  ['retryHorizon', { retryHorizon: '1000' }],
  ['name', { name: undefined }],
  ['name', { name: ['acme'] }],
  ['hanshake is not a field', { hanshake: {} }],
  ['readdata is not a field', { readdata: () => 1 }],
  ['readData is string', { readData: 'data' }],
  ['decodeSecret is string', { decodeSecret: 'utf8' }],
  ['allowUnsigned', { allowUnsigned: 'false' }],
  ['handshake', { handshake: null }],
  ['handshake is a function', { handshake: () => undefined }],
  ['handshake is a list or a map', { handshake: [] }],
  ['handshake is a string', { handshake: 'challenge' }],
  ['events must be an object', { events: new Map() }],
  ['events must be an object', { events: Promise.resolve({}) }],
  ['endings is a promise', { endings: Promise.resolve({}) }],
  ['retryHorizon is NaN', { retryHorizon: Number.NaN }],
  ['secret is the word undefined', { secret: 'undefined' }],
  ['secret is the word null', { secret: ['null'] }],
  ['secret is the word NaN', { secret: 'NaN' }],
  ['secret is the word [object Promise]', { secret: `${Promise.resolve('a promise of one')}` }],
  ['secret is the word [object Object]', { secret: `${{}}` }],
  ['secret begins or ends with white space', { secret: 'of no width\u200b' }],
  ['secret begins or ends with white space', { secret: '\u200bof no width' }],
  ['secret begins or ends with white space', { secret: 'that joins\u2060' }],
  ['decodeSecret', { decodeSecret: async () => Buffer.alloc(32, 1) }],
  ['decodeSecret', { decodeSecret: () => new ArrayBuffer(32) }],
  ['decodeSecret', { decodeSecret: () => new Uint8Array(0) }],
  ['decodeSecret', { decodeSecret: () => Buffer.alloc(4) }],
  ['events', { events: { 'order.paid': {} } }],
])('what is wrong with %s is said at construction: %j', (field, changes) => {
  expect(() => define(changes)).toThrow(ConfigurationError)
  expect(() => define(changes)).toThrow(field === 'events' ? 'event type order.paid' : field)
})

test('a key of another kind is none', () => {
  const pem = (key: { publicKey: { export(options: object): string | Buffer } }) =>
    key.publicKey.export({ format: 'pem', type: 'spki' })
  const ed25519 = pem(generateKeyPairSync('ed25519'))
  const p256 = pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }))
  const p384 = pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }))
  expect(() => define({ algorithm: 'ed25519', secret: ed25519 })).not.toThrow()
  expect(() => define({ algorithm: 'ecdsa-p256', secret: p256 })).not.toThrow()
  expect(() => define({ algorithm: 'ed25519', secret: p256 })).toThrow(/public key.+ed25519/)
  expect(() => define({ algorithm: 'ecdsa-p256', secret: ed25519 })).toThrow(/public key.+ecdsa-p256/)
  expect(() => define({ algorithm: 'ecdsa-p256', secret: p384 })).toThrow(/P-256/)
})

test.each([undefined, null, 'acme', []])('a definition has to be an object: %j', (nothing) => {
  expect(() => defineProvider(nothing as unknown as ProviderDefinition)).toThrow(ConfigurationError)
  expect(() => defineProvider(nothing as unknown as ProviderDefinition)).toThrow(
    /definition of a provider is/,
  )
})

test("a key of bytes of a test's sandbox, which has a Uint8Array of its own, is a key", async () => {
  const decodeSecret = (secret: string) =>
    runInNewContext('new Uint8Array(bytes)', { bytes: [...Buffer.from(secret)] })
  const { receiver } = acmeReceiver({ provider: define({ decodeSecret }) })
  expect(await receiver.receive(signedPost(JSON.stringify(paidOrder(start))))).toMatchObject({ status: 200 })
})

test('what decodeSecret throws is told as a secret that it can not read, and not repeated', () => {
  const decodeSecret = (secret: string): never => {
    throw new SyntaxError(`no base64: ${secret}`)
  }
  expect(() => define({ decodeSecret })).toThrow(ConfigurationError)
  expect(() => define({ decodeSecret })).toThrow(/^acme: decodeSecret threw SyntaxError/)
  const error = attempt(() => define({ decodeSecret }))
  expect(JSON.stringify([error?.message, error?.stack, error?.cause])).not.toContain(acmeSecret)
})

test('an error in a secret holds nothing of it', () => {
  const error = attempt(() => define({ algorithm: 'ed25519', secret: `${acmeSecret}!` }))
  expect(JSON.stringify([error?.message, error?.stack])).not.toContain(acmeSecret)
})

test('a definition without a secret may sign nothing, and read no header', () => {
  expect(() =>
    defineProvider({
      name: 'plain',
      allowUnsigned: true,
      retryHorizon: 0,
      events: {},
      signatureHeaders: [],
      readSignature: () => 'missing',
      readEnvelope: () => ({ id: undefined, type: 't', createdAt: undefined }),
      handshake: { options: () => undefined },
    }),
  ).not.toThrow()
})

function attempt(step: () => unknown): Error | undefined {
  try {
    step()
  } catch (error) {
    return error as Error
  }
  return undefined
}
