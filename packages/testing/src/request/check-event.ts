import { ConfigurationError, closestName } from '@hookport/core'
import type { EventToDeliver } from '../event-to-deliver.ts'

type Fits = (value: unknown) => boolean

const headersWanted = "a plain object of strings, as { 'x-more': 'y' }, or Object.fromEntries(headers)"

/** Every field: what it must be, where it is given. */
const fields: Readonly<Record<keyof EventToDeliver, readonly [fits: Fits, wanted: string]>> = {
  type: [isString, "a string, as in { type: 'optimization.completed' }"],
  data: [() => true, 'part of the data'],
  id: [(id) => isString(id) && id !== '', 'a string that is not empty'],
  at: [isTime, 'a valid Date, or milliseconds since 1970'],
  payload: [
    (payload) => isString(payload) || isObject(payload),
    'an object, or the body as a string or bytes',
  ],
  headers: [isHeaders, headersWanted],
  url: [isString, 'the path and query of the request'],
  secretIndex: [(index) => Number.isSafeInteger(index), 'a whole number'],
  privateKey: [(key) => isString(key) || isObject(key), 'a key as PEM, or an object of node:crypto'],
  signature: [
    (how) => ['right', 'wrong', 'missing'].some((one) => one === how),
    "'right', 'wrong' or 'missing'",
  ],
  sign: [(sign) => typeof sign === 'function', 'a function'],
}

/**
 * Checks an event that a test wants to deliver.
 *
 * @throws {ConfigurationError} where it has neither a type nor a payload, for an unknown field, for a value that can't be delivered, or for part of a
 * sample beside a payload.
 */
export function checkEvent(event: unknown): void {
  if (!isObject(event))
    throw complaint('the event', event, "an object, as in { type: 'optimization.completed' }")
  for (const [name, value] of Object.entries(event)) {
    if (!Object.hasOwn(fields, name)) throw unknownField(name)
    const [fits, wanted] = fields[name as keyof EventToDeliver]
    if (value !== undefined && !fits(value)) throw complaint(`the event's ${name}`, value, wanted)
  }
  const given = event as Partial<EventToDeliver>
  if (given.payload === undefined) {
    if (given.type === undefined) throw complaint("the event's type", given.type, fields.type[1])
    return
  }
  const idle = (['data', 'at'] as const).find((name) => given[name] !== undefined)
  if (idle !== undefined)
    throw new ConfigurationError(
      `the event has ${idle} beside payload. A payload is the whole body, and ${idle} would not be in it: leave out one of them`,
    )
}

/**
 * What a test's own `sign` has returned. A promise, or a `Headers` object, would read as no headers at all.
 *
 * @throws {ConfigurationError} for anything but a plain object of strings.
 */
export function checkedSigning(headers: unknown): Readonly<Record<string, string>> {
  if (isHeaders(headers)) return headers
  throw complaint('what sign returned', headers, `${headersWanted}, and returned synchronously`)
}

function unknownField(name: string): ConfigurationError {
  const meant = closestName(name, Object.keys(fields))
  const hint = meant ? `did you mean ${meant}?` : `it may have ${Object.keys(fields).join(', ')}`
  return new ConfigurationError(`an event to deliver has no ${name}; ${hint}`)
}

function complaint(what: string, value: unknown, wanted: string): ConfigurationError {
  return new ConfigurationError(`${what} is ${kindOf(value)}; it must be ${wanted}`)
}

function isString(value: unknown): value is string {
  return typeof value === 'string'
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** An object of another kind has no fields to read: a `Headers` object, a map, a promise. */
function isHeaders(value: unknown): value is Readonly<Record<string, string>> {
  if (Object.prototype.toString.call(value) !== '[object Object]') return false
  return Object.values(value as object).every((one) => one === undefined || isString(one))
}

function isTime(at: unknown): boolean {
  return (typeof at === 'number' || at instanceof Date) && Number.isFinite(Number(at))
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === '') return 'empty'
  if (value instanceof Date || typeof value === 'number') return String(value)
  if (value === null) return 'null'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
