import { InvalidEnvelope } from '../contracts/provider.ts'

/** Date, hour; minute, second, fraction; offset with its own seconds and their fraction; and a `Z` that is one too many. */
const dateTime =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(?:[Zz]|([+-])(\d\d):?(\d\d)(?::(\d\d)(?:\.\d+)?)?[Zz]?)?$/

/** Digits of a fraction of a second that `Date` keeps. */
const keptDigits = 3

/**
 * Reads an instant as RFC 3339 writes it, and as Python does: `datetime.isoformat()` in every precision, and `str(datetime)`. Fractions
 * are cut to milliseconds. An offset followed by a surplus `Z` (`2026-02-19T06:00:15.123456+00:00Z`) counts, and the `Z` does not. No
 * offset at all is UTC, not the time zone of this machine. A leap second is the instant at which it ends.
 *
 * @throws {InvalidEnvelope} if it is not such an instant.
 */
export function readIsoTimestamp(value: unknown, field: string): Date {
  const parts = typeof value === 'string' ? dateTime.exec(value) : null
  const instant = parts ? toInstant(parts) : undefined
  if (instant === undefined) throw new InvalidEnvelope(`its ${field} is not a readable time`)
  return instant
}

function toInstant(parts: RegExpExecArray): Date | undefined {
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((digits) => Number(digits ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day) // Date.UTC takes the years below 100 for those of the last century
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  date.setUTCHours(
    hour,
    minute,
    second,
    Number((parts[7] ?? '').padEnd(keptDigits, '0').slice(0, keptDigits)),
  )
  const offsetMs = offsetOf(parts)
  return offsetMs === undefined ? undefined : new Date(date.getTime() - offsetMs)
}

function offsetOf(parts: RegExpExecArray): number | undefined {
  const [hours, minutes, seconds] = parts.slice(9, 12).map((digits) => Number(digits ?? 0)) as [
    number,
    number,
    number,
  ]
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined
  const sign = parts[8] === '-' ? -1 : 1
  return sign * (hours * 3600 + minutes * 60 + seconds) * 1000
}
