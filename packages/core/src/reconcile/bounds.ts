import { ConfigurationError } from '../contracts/errors.ts'
import type { ReconcileOptions } from '../contracts/reconcile/reconcile.ts'
import { assertOptions } from '../options/option-table.ts'

const known: Record<keyof ReconcileOptions, true> = { maxMs: true, signal: true, dryRun: true, from: true }

/** Netlify gives a scheduled function 30 s, and most platforms give more. */
const defaultMaxMs = 20_000

export interface Bounds {
  readonly maxMs: number
  readonly signal: AbortSignal | undefined
  readonly dryRun: boolean
  readonly from: Date | undefined
}

/** @throws {ConfigurationError} for a limit that can't work. */
export function checkedBounds(options: ReconcileOptions): Bounds {
  assertOptions(options, known, 'reconcile')
  const { maxMs = defaultMaxMs, signal, dryRun = false, from } = options
  if (from !== undefined && !(from instanceof Date && !Number.isNaN(from.getTime())))
    throw new ConfigurationError(
      'reconcile: from is not a Date; give the time from which to look for ended things',
    )
  if (typeof maxMs === 'number' && maxMs > 0) return { maxMs, signal, dryRun, from }
  throw new ConfigurationError(
    `reconcile: maxMs is ${JSON.stringify(maxMs)}; it must be a number of milliseconds above 0, or Infinity`,
  )
}
