import { isoTimestampOf } from './read-iso-timestamp.ts'

/** Unix times above this are no seconds, but thousandths of them, or thousandths of these: as seconds, it is the year 5138. */
const mostSeconds = 1e11

/** A number above it is not a time. */
const mostNanoseconds = mostSeconds * 1e9

/**
 * A time as text (see `readIsoTimestamp`), or as Unix seconds, milliseconds or less, as a number or in digits; undefined for anything else.
 * For times that are there to be shown, and not needed: nothing that a sender writes into them makes its event unreadable.
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
