import { closestName, type Provider } from '@hookport/core'
import type { Draft, Sampler } from './draft.ts'
import { github } from './github.ts'
import { discord, meta, slack, twilio } from './messengers.ts'
import { jaot, sematryx } from './optimizers.ts'
import { shopify, stripe } from './payments.ts'

const standardWebhooks: Sampler = {
  types: ['contact.created', 'user.created', 'invoice.paid'],
  sample: ({ type, id, at }) => ({
    data: { id: `obj_${id}`, email: 'jenny.rosen@example.com' },
    envelope: (data) => ({ type, timestamp: new Date(at).toISOString(), data }),
  }),
}

const byProvider: Readonly<Record<string, Sampler>> = {
  sematryx,
  jaot,
  github,
  stripe,
  'standard-webhooks': standardWebhooks,
  slack,
  shopify,
  twilio,
  meta,
  discord,
}

/** The samples of a built-in provider. Undefined for any other. */
export function samplerOf(provider: string): Sampler | undefined {
  return Object.hasOwn(byProvider, provider) ? byProvider[provider] : undefined
}

/** @throws {TypeError} for a provider that is not built in. */
export function requireSampler(provider: string): Sampler {
  const sampler = samplerOf(provider)
  if (sampler !== undefined) return sampler
  const meant = closestName(String(provider), Object.keys(byProvider))
  throw new TypeError(
    `there are no samples for ${provider}: ${meant ? `did you mean ${meant}?` : 'it is not built in'}`,
  )
}

/**
 * The event types of a built-in provider that have samples with data, the usual one first.
 *
 * @throws {TypeError} for a provider that is not built in. A loop over no types would test nothing.
 */
export function sampleTypes(provider: string): readonly string[] {
  return requireSampler(provider).types
}

/** Headers that name the type of an event, if a sender has them, by lower-case names. */
export function headersOfType(
  { name, typeHeader }: Provider,
  draft: Draft,
): Readonly<Record<string, string>> {
  if (typeHeader === undefined || draft.type === '') return {}
  return samplerOf(name)?.sample(draft).headers ?? { [typeHeader]: draft.type }
}
