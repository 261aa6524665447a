import { UsageError } from '../terminal/exit-codes.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { FlagSpecs } from './flag-specs.ts'
import type { Flags } from './flags.ts'

/** How to reach a provider's API. */
export const apiFlags: FlagSpecs = {
  'api-key': {
    value: 'KEY',
    help: "the provider's; better in the environment variable HOOKPORT_API_KEY, as other users can see arguments",
  },
  'base-url': { value: 'URL', help: "the address of the provider's API (Sematryx: its own)" },
}

/** @throws {UsageError} if there is no key. */
export function readApi(flags: Flags, { env }: Terminal): { apiKey: string; baseUrl: string | undefined } {
  const apiKey = flags.text('api-key') ?? env.HOOKPORT_API_KEY
  if (!apiKey) throw new UsageError('--api-key is required, or the environment variable HOOKPORT_API_KEY')
  return { apiKey, baseUrl: flags.text('base-url') }
}
