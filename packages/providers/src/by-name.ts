import type { Provider, SecretOptions } from '@hookport/core'
import { github } from './github.ts'
import { jaot } from './jaot/provider.ts'
import { sematryx } from './sematryx/provider.ts'
import { standardWebhooks } from './standard-webhooks.ts'
import { stripe } from './stripe.ts'

/** Every provider of this package by its `name`: for tools that are told a name. An application imports the one it needs. */
export const providersByName: Readonly<Record<string, (options: SecretOptions) => Provider>> = {
  sematryx,
  jaot,
  github,
  stripe,
  'standard-webhooks': standardWebhooks,
}
