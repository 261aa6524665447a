import { UsageError } from '../terminal/exit-codes.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { Flags } from './flags.ts'

export const secretFlag = {
  value: 'SECRET',
  help: 'shared with the receiver; better in the environment variable HOOKPORT_SECRET, as other users can see arguments',
}

const missing = '--secret is required, or the environment variable HOOKPORT_SECRET'

/** @throws {UsageError} if there is none, or it is empty. */
export function readSecret(flags: Flags, terminal: Terminal): string {
  const secret = readSecrets(flags, terminal).at(-1)
  if (secret) return secret
  throw new UsageError(missing)
}

/** Every `--secret`, or that of the environment if none is given. @throws {UsageError} if there is none. */
export function readSecrets(flags: Flags, { env }: Terminal): readonly string[] {
  if (flags.has('secret')) return flags.texts('secret')
  if (env.HOOKPORT_SECRET) return [env.HOOKPORT_SECRET]
  throw new UsageError(missing)
}
