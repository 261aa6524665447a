import type { ExitCode } from './exit-codes.ts'
import type { Flags } from './flags.ts'
import type { Terminal } from './terminal.ts'

/** One flag of a command, as the help shows it. */
interface FlagSpec {
  /** Stands for the value in the help. Left out: a switch. */
  readonly value?: string
  readonly help: string
  /** It may be given more than once. */
  readonly multiple?: boolean
}

export type FlagSpecs = Readonly<Record<string, FlagSpec>>

export interface Command {
  readonly name: string
  readonly summary: string
  /** What follows the name on the command line. */
  readonly synopsis: string
  readonly flags: FlagSpecs
  readonly examples: readonly string[]
  /** @throws {UsageError | Failure} */
  run(flags: Flags, operands: readonly string[], terminal: Terminal): Promise<ExitCode>
}

/** Every command has these. */
export const commonFlags: FlagSpecs = {
  json: { help: 'write the result as JSON' },
  help: { help: 'show this' },
}
