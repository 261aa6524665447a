import { ConfigurationError, closestName } from '@hookport/core'

/** Answers what an option must be, in words, if the value is wrong. Never contains the value, as it may be a secret. */
export type Check = (value: unknown) => string | undefined

/** The options of a provider beside those that all providers have. Undefined is always valid: the option is left out. */
type Checks<Options> = { readonly [Name in Exclude<keyof Options, CommonOption>]-?: Check }

const common = {
  secret: () => undefined, // core checks this option and the next ones
  allowUnsigned: () => undefined,
  events: (value: unknown) =>
    isObject(value) && !isPromise(value) ? undefined : 'an object that gives a schema for each event type',
} as const
type CommonOption = keyof typeof common

/**
 * Checks options from JavaScript and from environment variables.
 *
 * @throws {ConfigurationError} for an unknown option, or a value that can't work, naming the option.
 */
export function checkOptions<Options extends object>(
  provider: string,
  options: Options,
  checks: Checks<Options>,
): void {
  if (!isObject(options))
    throw new ConfigurationError(`${provider}: options are missing; give at least a secret`)
  checkEach(provider, options, { ...common, ...checks })
}

/**
 * Options by name, each with its check.
 *
 * @throws {ConfigurationError} as `checkOptions` does.
 */
export function checkEach(of: string, options: object, checks: Readonly<Record<string, Check>>): void {
  if (!isObject(options))
    throw new ConfigurationError(`${of}: the options are missing; they must be an object`)
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (check === undefined)
      throw new ConfigurationError(`${of}: ${unknownOption(name, Object.keys(checks))}`)
    const wanted = value === undefined ? undefined : check(value)
    if (wanted !== undefined)
      throw new ConfigurationError(`${of}: ${name} is ${found(value)}; it must be ${wanted}`)
  }
}

/** How old a signature may be. */
export const anAge: Check = (value) =>
  typeof value === 'number' && value > 0 ? undefined : 'a number of milliseconds above 0'

export const aBoolean: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false')

export const aFunction: Check = (value) => (typeof value === 'function' ? undefined : 'a function')

/** A text that is compared with what a sender sends. */
export const aToken: Check = (value) =>
  typeof value === 'string' && value.trim() === value && !['', 'undefined', 'null'].includes(value)
    ? undefined
    : 'a string that is neither empty nor padded; is the environment variable that should hold it set?'

/** The URL that a sender sends to. */
export const aUrl: Check = (value) =>
  typeof value === 'string' && /^https?:\/\/[^/\s]\S*$/i.test(value) && URL.canParse(value)
    ? undefined
    : 'the whole URL that is registered with the sender, such as https://example.com/webhooks'

export function oneOf(...values: readonly string[]): Check {
  return (value) => (values.some((one) => one === value) ? undefined : `one of ${values.join(', ')}`)
}

/** An object that a function returned. */
export function objectOf(call: string, method: string): Check {
  return (value) =>
    isObject(value) && typeof Reflect.get(value, method) === 'function' ? undefined : `what ${call} answers`
}

/** Core checks it. */
export const anything: Check = () => undefined

function found(value: unknown): string {
  if (value === '') return 'empty'
  if (typeof value === 'number') return String(value)
  if (isPromise(value)) return 'a promise'
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`
}

function unknownOption(name: string, known: readonly string[]): string {
  const meant = closestName(name, known)
  return `there is no option ${name}; ${meant ? `did you mean ${meant}?` : `the options are ${known.join(', ')}`}`
}

/** Spread like an object, it would be one without fields. */
function isPromise(value: unknown): boolean {
  return typeof (value as Partial<PromiseLike<unknown>> | null)?.then === 'function'
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
