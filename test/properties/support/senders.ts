import { createHmac } from 'node:crypto'
import type { Provider } from '@hookport/core'
import { github } from '@hookport/providers/github'
import { jaot } from '@hookport/providers/jaot'
import { sematryx } from '@hookport/providers/sematryx'
import { standardWebhooks } from '@hookport/providers/standard-webhooks'
import { stripe } from '@hookport/providers/stripe'

/** What the receivers' clocks say. */
export const now = Date.parse('2026-11-20T12:00:00Z')
const time = new Date(now).toISOString()

export interface Sender {
  readonly provider: Provider
  readonly signatureHeader: string
  /** The headers of a delivery, signed by this test code alone. Those that are not signed differ from attempt to attempt. */
  sign(body: Uint8Array, attempt?: number, messageId?: string): Record<string, string>
  /** The body of an event, with this in it. */
  write(id: string, data: unknown): object
}

const key = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const secret = `whsec_${key}`

const hmac = (keyed: string | Buffer, ...content: (string | Uint8Array)[]) => {
  const computing = createHmac('sha256', keyed)
  for (const part of content) computing.update(part)
  return computing
}

/** Every provider, and a sender of its kind. */
export const senders: Readonly<Record<string, Sender>> = {
  sematryx: {
    provider: sematryx({ secret }),
    signatureHeader: 'x-sematryx-signature',
    sign: (body, attempt = 0) => ({
      'x-sematryx-signature': hmac(secret, body).digest('hex'),
      'x-attempt': String(attempt),
    }),
    write: (id, data) => ({ id, type: 'strategy.changed', created_at: time, data }),
  },
  jaot: {
    provider: jaot({ secret }),
    signatureHeader: 'x-jaot-signature',
    sign: (body, attempt = 0) => ({
      'x-jaot-signature': `sha256=${hmac(secret, body).digest('hex')}`,
      'x-jaot-event': `attempt.${attempt}`,
      'x-jaot-delivery-timestamp': String(now / 1000 + attempt),
    }),
    write: (id, data) => ({ event: 'some.event', run_id: id, timestamp: time, data }),
  },
  github: {
    provider: github({ secret }),
    signatureHeader: 'x-hub-signature-256',
    sign: (body, attempt = 0) => ({
      'x-hub-signature-256': `sha256=${hmac(secret, body).digest('hex')}`,
      'x-github-event': 'star',
      'x-github-delivery': `delivery-${attempt}`,
    }),
    write: (id, data) => ({ action: 'created', id, data }),
  },
  stripe: {
    provider: stripe({ secret }),
    signatureHeader: 'stripe-signature',
    sign(body, attempt = 0) {
      const signedAt = now / 1000 + attempt
      return { 'stripe-signature': `t=${signedAt},v1=${hmac(secret, `${signedAt}.`, body).digest('hex')}` }
    },
    write: (id, data) => ({ id, type: 'some.event', created: now / 1000, data }),
  },
  'standard-webhooks': {
    provider: standardWebhooks({ secret }),
    signatureHeader: 'webhook-signature',
    sign(body, attempt = 0, messageId = 'msg_1') {
      const signedAt = now / 1000 + attempt
      const content = hmac(Buffer.from(key, 'base64'), `${messageId}.${signedAt}.`, body)
      return {
        'webhook-id': messageId,
        'webhook-timestamp': String(signedAt),
        'webhook-signature': `v1,${content.digest('base64')}`,
      }
    },
    write: (id, data) => ({ type: 'some.event', timestamp: time, id, data }),
  },
}
