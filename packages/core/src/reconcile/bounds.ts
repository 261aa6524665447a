import type { ReconcileOptions } from '../contracts/reconcile/reconcile.ts'
import { assertFitting, assertOptions, orLeftOut, type Wanted, yesOrNo } from '../options/option-table.ts'
import { defaultMaxMs, passLimits } from '../options/pass-limits.ts'

const bounds: Readonly<Record<keyof ReconcileOptions, Wanted>> = orLeftOut({
  ...passLimits,
  dryRun: yesOrNo(false),
  from: {
    wanted: 'a valid Date: the time from which to look for ended things',
    fits: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
  },
})

export interface Bounds {
  readonly maxMs: number
  readonly signal: AbortSignal | undefined
  readonly dryRun: boolean
  readonly from: Date | undefined
}

/** @throws {ConfigurationError} for a misspelt option, and for a limit that can't work. */
export function checkedBounds(options: ReconcileOptions): Bounds {
  assertOptions(options, bounds, 'reconcile')
  assertFitting(bounds, options, 'reconcile: ')
  const { maxMs = defaultMaxMs, signal, dryRun = false, from } = options
  return { maxMs, signal, dryRun, from }
}
