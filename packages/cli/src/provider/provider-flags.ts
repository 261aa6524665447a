import { providersByName } from '@hookport/providers/by-name'
import type { FlagSpecs } from '../flags/flag-specs.ts'
import { secretFlag } from '../flags/secret-flag.ts'

export const providerNames = Object.keys(providersByName)

/** What names a sender, and what it shares with its receiver. */
export const providerFlags: FlagSpecs = {
  provider: {
    value: 'NAME|FILE',
    help: `${providerNames.join(', ')}; or a file that exports a definition: ./acme.ts`,
  },
  secret: secretFlag,
  unsigned: { help: 'without a signature, as a webhook registered without a secret' },
  'private-key': {
    value: 'FILE',
    help: 'of a sender with a key pair, in PEM, in place of a secret: Discord',
  },
  'public-url': { value: 'URL', help: 'where the sender signs the URL that it calls: Twilio' },
}
