import { providersByName } from '@hookport/providers/by-name'
import type { FlagSpecs } from '../flags/flag-specs.ts'
import { secretFlag } from '../flags/secret-flag.ts'

export const providerNames = Object.keys(providersByName)

/** Flags that name a sender, and what it shares with its receiver. */
export const providerFlags = {
  provider: {
    value: 'NAME|FILE',
    help: `${providerNames.join(', ')}; or a file that exports a definition: ./acme.ts`,
  },
  secret: secretFlag,
  unsigned: { help: 'without a signature, like a webhook that was registered without a secret' },
  'private-key': {
    value: 'FILE',
    help: 'the key of a sender with a key pair, in PEM, instead of a secret: Discord, Standard Webhooks',
  },
  'public-url': { value: 'URL', help: 'the URL that the sender calls, if it signs the URL: Twilio' },
} satisfies FlagSpecs
