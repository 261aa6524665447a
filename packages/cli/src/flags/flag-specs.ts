/** One flag of a command, as the help shows it. */
interface FlagSpec {
  /** The placeholder for the value in the help. A flag without it is a switch. */
  readonly value?: string
  readonly help: string
}

export type FlagSpecs = Readonly<Record<string, FlagSpec>>

/** Every command has these. */
export const commonFlags: FlagSpecs = {
  json: { help: 'write the result as JSON' },
  help: { help: 'show this' },
}
