import { UsageError } from '../terminal/exit-codes.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { Flags } from './flags.ts'

export const secretFlag = {
  value: 'SECRET',
  help: 'shared with the receiver; better in the environment variable HOOKPORT_SECRET, as other users can see arguments',
}

/** @throws {UsageError} where there is none. */
export function readSecret(flags: Flags, { env }: Terminal): string {
  const secret = flags.text('secret') ?? env.HOOKPORT_SECRET
  if (secret) return secret
  throw new UsageError('--secret is required, or the environment variable HOOKPORT_SECRET')
}
