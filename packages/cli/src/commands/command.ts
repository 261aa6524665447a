import type { FlagSpecs } from '../flags/flag-specs.ts'
import type { Flags } from '../flags/flags.ts'
import type { ExitCode } from '../terminal/exit-codes.ts'
import type { Terminal } from '../terminal/terminal.ts'

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
