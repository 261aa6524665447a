import { isoTimestampOf } from './read-iso-timestamp.ts'

/** Numbers above this are not seconds, which would be the year 5138, but milliseconds or microseconds. */
const mostSeconds = 1e11

/** A number above it is not a time. */
const mostNanoseconds = mostSeconds * 1e9

/**
 * A time as text (see `readIsoTimestamp`), or as Unix seconds, milliseconds or less, as a number or in digits. Undefined for anything else. For times
 * that are only shown: nothing that a sender writes there makes its event unreadable.
 */
export function readAnyTime(value: unknown): Date | undefined {
  const number = typeof value === 'string' && /^\d{9,19}(?:\.\d+)?$/.test(value) ? Number(value) : value
  if (typeof number === 'number')
    return Math.abs(number) <= mostNanoseconds ? fromUnixTime(number) : undefined
  return isoTimestampOf(value)
}

function fromUnixTime(number: number): Date {
  let seconds = number
  while (Math.abs(seconds) > mostSeconds) seconds /= 1000
  return new Date(Math.round(seconds * 1000))
}
