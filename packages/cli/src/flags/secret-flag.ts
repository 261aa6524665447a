import { UsageError } from '../terminal/exit-codes.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { Flags } from './flags.ts'

export const secretFlag = {
  value: 'SECRET',
  help: 'shared with the receiver; better in the environment variable HOOKPORT_SECRET, as other users can see arguments',
}

const missing = '--secret is required, or the environment variable HOOKPORT_SECRET'

/** The last of them. @throws {UsageError} if there is none, or one is empty. */
export function readSecret(flags: Flags, terminal: Terminal): string {
  return readSecrets(flags, terminal).at(-1) as string // there is at least one
}

/** Every `--secret`, or that of the environment if none is given. @throws {UsageError} if there is none, or one is empty. */
export function readSecrets(flags: Flags, { env }: Terminal): readonly string[] {
  const given = flags.texts('secret')
  if (given.includes(''))
    throw new UsageError('--secret is empty; is the environment variable that should hold it set?')
  if (given.length > 0) return given
  if (env.HOOKPORT_SECRET) return [env.HOOKPORT_SECRET]
  throw new UsageError(missing)
}
