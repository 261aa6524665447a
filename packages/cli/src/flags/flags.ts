import { parseArgs } from 'node:util'
import { UsageError } from '../terminal/exit-codes.ts'
import type { FlagSpecs } from './flag-specs.ts'
import { suggestion } from './nearest-name.ts'

/** The flags given on the command line. */
export class Flags {
  readonly #values: ReadonlyMap<string, readonly string[]>

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values
  }

  /** The names of all that were given. */
  get names(): readonly string[] {
    return [...this.#values.keys()]
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1)
  }

  texts(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }

  /** @throws {UsageError} if it is missing. */
  required(name: string): string {
    const text = this.text(name)
    if (text === undefined) throw new UsageError(`--${name} is required`)
    return text
  }

  /** @throws {UsageError} for a value that is not in `choices`. */
  choice<const Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const text = this.text(name)
    const chosen = choices.find((choice) => choice === text)
    if (text === undefined || chosen !== undefined) return chosen
    throw new UsageError(`--${name} ${text}: expected ${choices.join(', ')}${suggestion(text, choices)}`)
  }

  /** @throws {UsageError} for anything but a number from `min` to `max`. */
  number(name: string, { min = 0, max = Number.MAX_SAFE_INTEGER, whole = false } = {}): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const number = text.trim() === '' ? Number.NaN : Number(text)
    if (number >= min && number <= max && (!whole || Number.isInteger(number))) return number
    const upTo = max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`
    throw new UsageError(`--${name} ${text}: expected a ${whole ? 'whole ' : ''}number from ${min}${upTo}`)
  }
}

/** @throws {UsageError} for an unknown flag, a missing value, or a value for a switch. */
export function parseFlags(
  args: readonly string[],
  specs: FlagSpecs,
): { flags: Flags; operands: readonly string[] } {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), multiple: true },
    ]),
  )
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const values = new Map<string, string[]>()
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    values.set(token.name, [...(values.get(token.name) ?? []), checkedValue(token, specs)])
  }
  return { flags: new Flags(values), operands: positionals }
}

/** @throws {UsageError} if anything but a flag is given. */
export function rejectOperands(command: string, operands: readonly string[]): void {
  if (operands.length > 0) throw new UsageError(`${command} takes no operand: ${operands[0]}`)
}

interface GivenFlag {
  readonly name: string
  readonly rawName: string
  readonly value: string | undefined
  /** Whether it was written as `--flag=value`. */
  readonly inlineValue: boolean | undefined
}

function checkedValue({ name, rawName, value, inlineValue }: GivenFlag, specs: FlagSpecs): string {
  const spec = Object.hasOwn(specs, name) ? specs[name] : undefined
  if (!spec) {
    const names = Object.keys(specs).map((known) => `--${known}`)
    throw new UsageError(`unknown flag ${rawName}${suggestion(rawName, names)}`)
  }
  if (spec.value === undefined && value !== undefined) throw new UsageError(`${rawName} takes no value`)
  // In `--handler --dry-run` the value is missing, and a dry run is wanted.
  const isOther = !inlineValue && value?.startsWith('--') && Object.hasOwn(specs, value.slice(2))
  if (spec.value !== undefined && (value === undefined || isOther))
    throw new UsageError(`${rawName} needs a value: ${rawName} ${spec.value}`)
  return value ?? ''
}
