import type { ConsumptionResult } from '../measurements/consumption/consume-in-turns.ts'
import type { DeadTuplesResult } from '../measurements/growth/dead-tuples.ts'
import type { GrowthCost } from '../measurements/growth/growth.ts'
import type { PruneResult } from '../measurements/growth/prune.ts'
import type { RememberedResult } from '../measurements/growth/remembered.ts'
import type { HostileResult } from '../measurements/hostile.ts'
import type { IdleResult } from '../measurements/idle-consumers.ts'
import type { OnceResult } from '../measurements/once.ts'
import type { ProcessesResult } from '../measurements/processes.ts'
import type { SwitchedOffResult } from '../measurements/switched-off.ts'
import type { VerifyResult } from '../measurements/verify.ts'
import type { GrowthResult } from '../suites/growth-suites.ts'
import type { SuiteResult } from '../suites/run-suite.ts'

/** What a run has measured. Kept in docs/performance/results.json. */
export interface Results {
  /** The day of the run, and the machine: `2 cores (…), …` */
  readonly on: string
  readonly machine: string
  /** What was measured again later, by the name of the suite or table: the day. */
  readonly anew?: Readonly<Record<string, string>>
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
  readonly growthCosts?: readonly GrowthCost[]
  readonly idle?: readonly IdleResult[]
  readonly deadTuples?: readonly DeadTuplesResult[]
}

/** Newer results in place of older ones: suites and growths by name, every other table as a whole. */
export function merge(older: Results, newer: Results): Results {
  const measured = Object.entries(newer).filter(([, rows]) => Array.isArray(rows) && rows.length > 0)
  return {
    ...older,
    ...Object.fromEntries(measured),
    ...(newer.on !== older.on && { anew: { ...older.anew, ...daysOf(newer) } }),
    suites: mergeByName(older.suites, newer.suites),
    growth: mergeByName(older.growth, newer.growth),
  }
}

/** The day of each suite and table of a run. */
function daysOf({ on, suites, growth, ...tables }: Results): Record<string, string> {
  const filled = Object.entries(tables).filter(([, rows]) => Array.isArray(rows) && rows.length > 0)
  const names = [...[...suites, ...growth].map(({ name }) => name), ...filled.map(([name]) => name)]
  return Object.fromEntries(names.map((name) => [name, on]))
}

/** What the older lacks comes last. */
function mergeByName<Result extends { readonly name: string }>(
  older: readonly Result[],
  newer: readonly Result[],
): Result[] {
  const known = older.map((result) => newer.find(({ name }) => name === result.name) ?? result)
  return [...known, ...newer.filter(({ name }) => !older.some((result) => result.name === name))]
}
