import { ConfigurationError } from '../contracts/errors.ts'
import { foundValue } from '../contracts/found-value.ts'
import { closestName } from './closest-name.ts'

/** The values that something accepts. */
export interface Wanted {
  /** For the error: "it must be …". */
  readonly wanted: string
  fits(value: unknown): boolean
}

/** Declares an option that is a plain value: its default, and the values that it accepts. */
export interface Option<Value> extends Wanted {
  readonly byDefault: Value
}

type OptionTable = Readonly<Record<string, Option<unknown>>>

/** The values of the options that a table declares. */
export type ValuesOf<Table> = {
  [Name in keyof Table]: Table[Name] extends Option<infer Value> ? Value : never
}

export function positiveNumber(byDefault: number): Option<number> {
  return {
    byDefault,
    wanted: 'a number above 0',
    fits: (value) => Number.isFinite(value) && (value as number) > 0,
  }
}

export function zeroOrMore(byDefault: number): Option<number> {
  return {
    byDefault,
    wanted: 'a number of 0 or more',
    fits: (value) => Number.isFinite(value) && (value as number) >= 0,
  }
}

export function positiveOrInfinite(byDefault: number): Option<number> {
  const { fits } = positiveNumber(byDefault)
  return {
    byDefault,
    wanted: 'a number above 0, or Infinity',
    fits: (value) => value === Number.POSITIVE_INFINITY || fits(value),
  }
}

export function wholeNumber(byDefault: number): Option<number> {
  return {
    byDefault,
    wanted: 'a whole number of 1 or more',
    fits: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
  }
}

/** A share of a whole. */
export function share(byDefault: number): Option<number> {
  return {
    byDefault,
    wanted: 'a number from 0 to 1',
    fits: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  }
}

export function yesOrNo(byDefault: boolean): Option<boolean> {
  return { byDefault, wanted: 'true or false', fits: (value) => typeof value === 'boolean' }
}

export const text: Wanted = { wanted: 'a string', fits: (value) => typeof value === 'string' }

export const callback: Wanted = { wanted: 'a function', fits: (value) => typeof value === 'function' }

/** Not by `instanceof`: tests often run in a realm of their own. */
export const abortSignal: Wanted = {
  wanted: 'an AbortSignal',
  fits: (value) => typeof (value as Partial<AbortSignal> | null)?.addEventListener === 'function',
}

/** The same, where an option may be left out. */
export function orLeftOut<Name extends string>(fields: Record<Name, Wanted>): Record<Name, Wanted> {
  const entries = Object.entries<Wanted>(fields).map(([name, { wanted, fits }]) => [
    name,
    { wanted, fits: (value: unknown) => value === undefined || fits(value) },
  ])
  return Object.fromEntries(entries)
}

/** One of several words. The first is the default. */
export function oneOf<const Word extends string>(byDefault: Word, ...others: Word[]): Option<Word> {
  const words: readonly unknown[] = [byDefault, ...others]
  return {
    byDefault,
    wanted: words.map((word) => `'${word}'`).join(' or '),
    fits: (value) => words.includes(value),
  }
}

/** The given values, and defaults for the others. */
export function withDefaults<Table extends OptionTable>(
  table: Table,
  given: Partial<ValuesOf<Table>>,
): ValuesOf<Table> {
  const values = Object.entries(table).map(([name, { byDefault }]) => [name, given[name] ?? byDefault])
  return Object.fromEntries(values) as ValuesOf<Table>
}

/** @throws {ConfigurationError} for a value that is not what its option must be. */
export function assertFitting(table: Readonly<Record<string, Wanted>>, values: object, prefix = ''): void {
  for (const [name, { fits, wanted }] of Object.entries(table)) {
    const value: unknown = values[name as keyof typeof values]
    if (fits(value)) continue
    throw new ConfigurationError(`${prefix}${name} is ${foundValue(value)}; it must be ${wanted}`)
  }
}

/**
 * Checks the options of a call. For inboxes and adapters.
 *
 * @param known an object that has every valid option.
 * @param call its name, for the error.
 * @param prefix what the error puts before the name of an option. Defaults to the call and a full stop.
 * @throws {ConfigurationError} for a value that is not an object, and for an unknown option. It names the one that was probably meant.
 */
export function assertOptions(given: unknown, known: object, call: string, prefix = `${call}.`): void {
  assertObject(given, `${call}: the options are`)
  assertKnown(given, known, prefix)
}

/** @throws {ConfigurationError} for a value that is not an object. It begins with `what`: "retry is". */
export function assertObject(given: unknown, what: string): asserts given is object {
  const isLate = typeof (given as Partial<PromiseLike<unknown>> | null)?.then === 'function' // as where an await is missing
  if (typeof given === 'object' && given !== null && !Array.isArray(given) && !isLate) return
  const found =
    given === null ? 'null' : isLate ? 'a promise' : Array.isArray(given) ? 'an array' : typeof given
  throw new ConfigurationError(`${what} ${found}; ${what.endsWith('are') ? 'they' : 'it'} must be an object`)
}

/**
 * @param known an object that has every valid option.
 * @throws {ConfigurationError} for an unknown option. It names the one that was probably meant.
 */
export function assertKnown(given: object, known: object, prefix = ''): void {
  const unknown = unknownName(given, known, prefix)
  if (unknown !== undefined) throw new ConfigurationError(`unknown option ${unknown}`)
}

/** A name that is not among those of `known`, with the one that was probably meant. Undefined where there is none. */
export function unknownName(given: object, known: object, prefix = ''): string | undefined {
  for (const name in given) {
    if (!Object.hasOwn(given, name) || Object.hasOwn(known, name)) continue
    const meant = closestName(name, Object.keys(known))
    return `${prefix}${name}${meant ? `; did you mean ${prefix}${meant}?` : ''}`
  }
  return undefined
}
