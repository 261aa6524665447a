import type { ConsumptionResult } from '../measurements/consumption.ts'
import type { HostileResult } from '../measurements/hostile.ts'
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
  readonly verify: readonly VerifyResult[]
  readonly switchedOff: readonly SwitchedOffResult[]
  readonly remembered: readonly RememberedResult[]
  readonly prune: readonly PruneResult[]
  readonly hostile: readonly HostileResult[]
}

/** Newer results in place of older ones of the same name. */
export function merge(older: Results, newer: Results): Results {
  const named = <Result extends { readonly name: string }>(
    before: readonly Result[],
    after: readonly Result[],
  ) => before.map((result) => after.find(({ name }) => name === result.name) ?? result)
  const either = <Row>(before: readonly Row[], after: readonly Row[]) => (after.length > 0 ? after : before)
  return {
    ...older,
    suites: named(older.suites, newer.suites),
    growth: named(older.growth, newer.growth),
    processes: either(older.processes, newer.processes),
    consumption: either(older.consumption, newer.consumption),
    verify: either(older.verify, newer.verify),
    switchedOff: either(older.switchedOff, newer.switchedOff),
    remembered: either(older.remembered, newer.remembered),
    prune: either(older.prune, newer.prune),
    hostile: either(older.hostile, newer.hostile),
  }
}
