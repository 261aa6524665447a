import type { Provider, SecretOptions } from '@hookport/core'
import { discord } from './discord.ts'
import { github } from './github.ts'
import { jaot } from './jaot/provider.ts'
import { meta } from './meta.ts'
import { sematryx } from './sematryx/provider.ts'
import { shopify } from './shopify.ts'
import { slack } from './slack.ts'
import { standardWebhooks } from './standard-webhooks.ts'
import { stripe } from './stripe.ts'
import { twilio } from './twilio/provider.ts'

/** Every provider of this package by its `name`, for tools that are given a name. An application imports the one that it needs. */
export const providersByName: Readonly<Record<string, (options: SecretOptions) => Provider>> = {
  sematryx,
  jaot,
  github,
  stripe,
  'standard-webhooks': standardWebhooks,
  slack,
  shopify,
  twilio: (options) => twilio({ publicUrl: undefined, ...options }),
  meta,
  discord,
}
