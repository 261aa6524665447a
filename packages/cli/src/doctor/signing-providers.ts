import type { Provider } from '@hookport/core'
import { github } from '@hookport/providers/github'
import { jaot } from '@hookport/providers/jaot'
import { sematryx } from '@hookport/providers/sematryx'
import { standardWebhooks } from '@hookport/providers/standard-webhooks'
import { stripe } from '@hookport/providers/stripe'

/** A provider whose signatures the doctor knows. */
export interface SigningProvider {
  readonly provider: Provider
  /** Where it sends its signature. */
  readonly header: string
  /** How it turns a secret into a key, where not as UTF-8 text. */
  readonly decodeSecret?: (secret: string) => Uint8Array
}

/** The doctor is given the secrets by themselves: a provider does not show its own. */
const allowUnsigned = true

/** By name. */
export const signingProviders: Readonly<Record<string, SigningProvider>> = {
  sematryx: { provider: sematryx({ allowUnsigned }), header: 'x-sematryx-signature' },
  jaot: { provider: jaot({ allowUnsigned }), header: 'x-jaot-signature' },
  github: { provider: github({ allowUnsigned }), header: 'x-hub-signature-256' },
  stripe: { provider: stripe({ allowUnsigned }), header: 'stripe-signature' },
  'standard-webhooks': {
    provider: standardWebhooks({ allowUnsigned, tolerance: Number.MAX_SAFE_INTEGER }),
    header: 'webhook-signature',
    decodeSecret: (secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64'),
  },
}
