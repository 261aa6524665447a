import type { ConsumptionResult } from '../measurements/consume-in-turns.ts'
import type { HostileResult } from '../measurements/hostile.ts'
import type { OnceResult } from '../measurements/once.ts'
import type { ProcessesResult } from '../measurements/processes.ts'
import type { PruneResult } from '../measurements/prune.ts'
import type { RememberedResult } from '../measurements/remembered.ts'
import type { SwitchedOffResult } from '../measurements/switched-off.ts'
import type { VerifyResult } from '../measurements/verify.ts'
import type { GrowthResult } from '../suites/growth-suites.ts'
import type { SuiteResult } from '../suites/run-suite.ts'

/** What a run has measured. Kept in docs/performance/results.json. */
export interface Results {
  /** The day of the run, and the machine: `2 cores (…), …` */
  readonly on: string
  readonly machine: string
  readonly suites: readonly SuiteResult[]
  readonly growth: readonly GrowthResult[]
  readonly processes: readonly ProcessesResult[]
  readonly consumption: readonly ConsumptionResult[]
  /** Left out where a run of an earlier version had no such figures. */
  readonly consumptionPostgres?: readonly ConsumptionResult[]
  readonly verify: readonly VerifyResult[]
  readonly switchedOff: readonly SwitchedOffResult[]
  readonly remembered: readonly RememberedResult[]
  readonly prune: readonly PruneResult[]
  readonly hostile: readonly HostileResult[]
  /** Left out where a run of an earlier version had no such figures. */
  readonly once?: readonly OnceResult[]
}

/** Newer results in place of older ones: suites and growths by name, every other table as a whole. */
export function merge(older: Results, newer: Results): Results {
  const measured = Object.entries(newer).filter(([, rows]) => Array.isArray(rows) && rows.length > 0)
  return {
    ...older,
    ...Object.fromEntries(measured),
    suites: older.suites.map((suite) => newer.suites.find(({ name }) => name === suite.name) ?? suite),
    growth: older.growth.map((growth) => newer.growth.find(({ name }) => name === growth.name) ?? growth),
  }
}
