import { createHmac } from 'node:crypto'
import {
  type Delivery,
  defineProvider,
  InvalidEnvelope,
  type JsonObject,
  type ProviderDefinition,
  readHexDigest,
  type SecretOptions,
} from '@hookport/core'
import { objectWith } from './object-schema.ts'

/** The secret of the made-up sender Acme. A test may search everything that is written for it. */
export const acmeSecret = 'acme-secret-that-nobody-may-see'

export const acmeEvents = {
  'order.paid': objectWith<{ amount: number }>({ amount: 'number' }),
  'order.cancelled': objectWith<{ reason: string }>({ reason: 'string' }),
}

type AcmeOptions = SecretOptions & Partial<Omit<ProviderDefinition<typeof acmeEvents>, 'secret'>>

/** A made-up sender: `x-acme-signature` holds the hex HMAC-SHA256 of the body, computed by this test code alone. */
export function acme(options: AcmeOptions = { secret: acmeSecret }) {
  return defineProvider({
    name: 'acme',
    retryHorizon: 24 * 60 * 60_000,
    events: acmeEvents,
    signatureHeaders: ['x-acme-signature'],
    readSignature(headers) {
      const header = headers.get('x-acme-signature')
      if (!header) return 'missing'
      const digest = readHexDigest(header)
      return digest ? { digests: [digest] } : 'malformed'
    },
    readEnvelope: readAcmeEnvelope,
    ...options,
  })
}

export function readAcmeEnvelope({ id, type, at }: JsonObject) {
  if (typeof id !== 'string') throw new InvalidEnvelope('it has no id')
  if (typeof type !== 'string') throw new InvalidEnvelope('it has no type')
  if (typeof at !== 'number') throw new InvalidEnvelope('it has no time')
  return { id, type, createdAt: new Date(at) }
}

export function sign(body: string | Uint8Array, secret = acmeSecret): string {
  return createHmac('sha256', secret).update(body).digest('hex')
}

/** The head of a POST, its lines as given. */
export function head(...lines: string[]): string {
  return `${['POST /hooks/acme HTTP/1.1', 'Host: localhost', ...lines].join('\r\n')}\r\n\r\n`
}

/** A body in the chunked framing, as Latin-1 text. */
export function inChunks(content: Buffer, size: number): string[] {
  const chunks: string[] = []
  for (let at = 0; at < content.length; at += size) {
    const chunk = content.subarray(at, at + size)
    chunks.push(`${chunk.length.toString(16)}\r\n${chunk.toString('latin1')}\r\n`)
  }
  return [...chunks, '0\r\n\r\n']
}

/** A POST of these bytes. */
export function post(body: string | Uint8Array, headers: Record<string, string> = {}): Delivery {
  return {
    method: 'POST',
    url: '/hooks/acme',
    headers: new Headers(headers),
    readBody: () => Buffer.from(body),
  }
}

/** A POST of these bytes as their owner signs them. */
export function signedPost(body: string | Uint8Array, secret = acmeSecret): Delivery {
  return post(body, { 'x-acme-signature': sign(body, secret) })
}
