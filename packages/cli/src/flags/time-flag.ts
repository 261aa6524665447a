import { UsageError } from '../terminal/exit-codes.ts'
import type { Flags } from './flags.ts'

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `Date.parse` reads almost anything: 48 as the year 1948, so that a forgotten unit would mean everything. */
const isoTime = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/i

/** What is further from 1970, in milliseconds, is no `Date`. */
const latest = 8_640_000_000_000_000

/**
 * An instant in ms since 1970: an ISO 8601 time, or how long ago (`90s`, `30m`, `2h`, `7d`).
 *
 * @throws {UsageError} for anything else.
 */
export function readInstant(flags: Flags, name: string, now: number): number | undefined {
  const text = flags.text(name)
  if (text === undefined) return undefined
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? []
  const instant =
    amount === undefined
      ? Date.parse(isoTime.test(text) ? text : '')
      : now - Number(amount) * (unitMs[unit] ?? 0)
  if (Math.abs(instant) <= latest) return instant
  throw new UsageError(`--${name} ${text}: expected a time like 2026-11-20T06:00:00Z, or how long ago: 2h`)
}

/**
 * Like `readInstant`, for a time in the past.
 *
 * @throws {UsageError} for a future time too: it is most often a mistyped year, with which nothing would be found.
 */
export function readPastInstant(flags: Flags, name: string, now: number): number | undefined {
  const instant = readInstant(flags, name, now)
  if (instant === undefined || instant <= now) return instant
  throw new UsageError(`--${name} ${flags.text(name)}: that is in the future`)
}
