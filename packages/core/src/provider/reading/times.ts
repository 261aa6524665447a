import { InvalidEnvelope } from '../../contracts/provider/provider.ts'

/** Date, hour; minute, second, fraction; offset with its own seconds and their fraction; and an extra `Z`. */
const dateTime =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?(?:[Zz]|([+-])(\d\d)(?::?(\d\d)(?::(\d\d)(?:\.\d+)?)?)?[Zz]?)?$/

/** Digits of a fraction of a second that `Date` keeps. */
const keptDigits = 3

/**
 * Reads an instant as RFC 3339 writes it; as Python does: `datetime.isoformat()` in every precision, and `str(datetime)`; and as Postgres does, whose
 * offsets may be hours alone. Fractions are cut to milliseconds. If an offset is followed by an extra `Z` (`2026-02-19T06:00:15.123456+00:00Z`), the
 * `Z` is ignored. Without an offset the time is UTC, not in the time zone of this machine. A leap second counts as the instant at which it ends.
 *
 * @throws {InvalidEnvelope} if it is not such an instant.
 */
export function readIsoTimestamp(value: unknown, field: string): Date {
  const instant = isoTimestampOf(value)
  if (instant === undefined) throw new InvalidEnvelope(`its ${field} is not a readable time`)
  return instant
}

/** The same, but undefined for anything else. Making an error and catching it would cost more than reading an event. */
function isoTimestampOf(value: unknown): Date | undefined {
  const parts = typeof value === 'string' ? dateTime.exec(value) : null
  return parts ? toInstant(parts) : undefined
}

/** `Date.UTC` takes years below 100 for years of the last century. The calendar repeats after 400 years, to the day. */
const cycleYears = 400
const cycleMs = 146_097 * 24 * 3600_000

function toInstant(parts: RegExpExecArray): Date | undefined {
  const year = Number(parts[1])
  const month = Number(parts[2])
  const day = Number(parts[3])
  const hour = Number(parts[4])
  const minute = Number(parts[5] ?? 0)
  const second = Number(parts[6] ?? 0)
  if (month < 1 || month > 12 || day < 1 || day > daysIn(month, year)) return undefined
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const fraction = parts[7]
  const ms = fraction === undefined ? 0 : Number(fraction.slice(0, keptDigits).padEnd(keptDigits, '0'))
  const offsetMs = offsetOf(parts)
  if (offsetMs === undefined) return undefined
  return new Date(Date.UTC(year + cycleYears, month - 1, day, hour, minute, second, ms) - cycleMs - offsetMs)
}

function daysIn(month: number, year: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function offsetOf(parts: RegExpExecArray): number | undefined {
  if (parts[9] === undefined) return 0
  const hours = Number(parts[9])
  const minutes = Number(parts[10] ?? 0)
  const seconds = Number(parts[11] ?? 0)
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined
  const sign = parts[8] === '-' ? -1 : 1
  return sign * (hours * 3600 + minutes * 60 + seconds) * 1000
}

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
