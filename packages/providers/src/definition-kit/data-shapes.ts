import type { StandardSchema } from '@hookport/core'

interface Issue {
  readonly message: string
  readonly path: readonly PropertyKey[]
}

/**
 * The expected form of an event's data: a Standard Schema that returns its input unchanged. Every event's data is checked, and most of it is right.
 * That case needs no allocation; `zod/mini` allocates 3.8 KB for an event of Sematryx.
 */
export interface Shape<Value> extends StandardSchema<unknown, Value> {
  fits(value: unknown): value is Value
  /** What is wrong with a value that does not fit. */
  issuesOf(value: unknown, path: readonly PropertyKey[]): readonly Issue[]
}

type ValueOf<Some> = Some extends Shape<infer Value> ? Value : never

/** Any string. */
export const text: Shape<string> = plain('string', (value) => typeof value === 'string')

/** Any number that a Python sender writes, NaN and the infinities included. */
export const anyNumber: Shape<number> = plain('number', (value) => typeof value === 'number')

export const anything: Shape<unknown> = plain('anything', () => true)

/** Any object. */
export const anyObject: Shape<Record<string, unknown>> = plain('object', isObject)

/** May be null or missing. */
export function nullish<Value>(inner: Shape<Value>): Shape<Value | null | undefined> {
  const fits = (value: unknown) => value === null || value === undefined || inner.fits(value)
  return shape(fits, inner.issuesOf)
}

/** A list of any length. */
export function list<Value>(item: Shape<Value>): Shape<Value[]> {
  return shape(
    (value) => {
      if (!Array.isArray(value)) return false
      for (let index = 0; index < value.length; index++) if (!item.fits(value[index])) return false
      return true
    },
    (value, path) =>
      Array.isArray(value)
        ? value.flatMap((one, index) => (item.fits(one) ? [] : item.issuesOf(one, [...path, index])))
        : [mismatch('array', value, path)],
  )
}

/**
 * An object with these known fields. Other fields are accepted and kept, as senders add them without notice. But the type does not name them, so that
 * a misspelt field is a compile error. They can be read in `event.payload`.
 */
export function openObject<Fields extends Record<string, Shape<unknown>>>(
  fields: Fields,
): Shape<{ [Name in keyof Fields]: ValueOf<Fields[Name]> }> {
  const known = Object.entries(fields)
  return shape(
    (value) => isObject(value) && known.every(([name, field]) => field.fits(value[name])),
    (value, path) =>
      isObject(value)
        ? known.flatMap(([name, field]) =>
            field.fits(value[name]) ? [] : field.issuesOf(value[name], [...path, name]),
          )
        : [mismatch('object', value, path)],
  )
}

function plain<Value>(kind: string, fits: (value: unknown) => boolean): Shape<Value> {
  return shape(fits, (value, path) => [mismatch(kind, value, path)])
}

function shape<Value>(fits: (value: unknown) => boolean, issuesOf: Shape<Value>['issuesOf']): Shape<Value> {
  return {
    fits: fits as Shape<Value>['fits'],
    issuesOf,
    '~standard': {
      version: 1,
      vendor: 'hookport',
      validate: (value) => (fits(value) ? { value: value as Value } : { issues: issuesOf(value, []) }),
    },
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function mismatch(kind: string, value: unknown, path: readonly PropertyKey[]): Issue {
  return { message: `Invalid input: expected ${kind}, received ${kindOf(value)}`, path }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}
