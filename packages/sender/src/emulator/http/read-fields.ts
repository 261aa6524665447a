import { receiverUrl } from '../../sending/receiver-url.ts'
import { ApiError } from './api-error.ts'

/** The parsed body of a request. */
export type Fields = Readonly<Record<string, unknown>>

const unprocessable = 422

interface FieldKinds {
  string: string
  number: number
  boolean: boolean
  object: object
}

const wanted: Record<keyof FieldKinds, string> = {
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
}

/** Undefined where it is missing or null. */
export function optional<Kind extends keyof FieldKinds>(
  fields: Fields,
  name: string,
  kind: Kind,
): FieldKinds[Kind] | undefined {
  const value = fields[name] ?? undefined
  if (value === undefined || (typeof value === kind && !Array.isArray(value)))
    return value as FieldKinds[Kind] | undefined
  throw new ApiError(unprocessable, `${name} must be ${wanted[kind]}`, { field: name })
}

export function requiredText(fields: Fields, name: string): string {
  const text = optional(fields, name, 'string')
  if (text === undefined || text === '')
    throw new ApiError(unprocessable, `${name} is required`, { field: name })
  return text
}

/** https, as both providers demand; or http to a loopback host, as tests need. */
export function webhookUrl(text: string, name: string): string {
  try {
    return receiverUrl(text).href
  } catch (error) {
    throw new ApiError(unprocessable, `${name}: ${(error as Error).message}`, { field: name })
  }
}

/** A secret, or null for none. An empty string is an error. */
export function optionalSecret(fields: Fields, name: string): string | null {
  const secret = optional(fields, name, 'string')
  if (secret === '')
    throw new ApiError(unprocessable, `${name} must not be empty: leave it out for none`, { field: name })
  return secret ?? null
}

/** @param known the valid event types. */
export function eventTypeList(fields: Fields, name: string, known: readonly string[]): string[] {
  const value = fields[name]
  if (!Array.isArray(value) || value.length === 0)
    throw new ApiError(unprocessable, `${name} must be a list of event types, with at least one`, {
      field: name,
    })
  for (const type of value) {
    if (typeof type !== 'string' || !known.includes(type)) {
      const message = `${name}: ${JSON.stringify(type)} is not an event type; expected ${known.join(', ')}`
      throw new ApiError(unprocessable, message, { field: name })
    }
  }
  return [...new Set<string>(value)]
}
