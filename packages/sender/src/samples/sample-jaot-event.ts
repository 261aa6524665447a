import type { Random } from '../random/random.ts'
import { formOf } from '../wire/event-types.ts'
import { isoMicrosecondsWithOffsetAndZ, isoSeconds } from '../wire/format-time.ts'
import type { SampleSource } from './sample-source.ts'

/** JAOT's envelope as its documentation has it. */
export interface JaotDocumentedEvent {
  event: string
  trigger_id: string
  run_id: string
  /** `2026-02-19T06:00:15Z` */
  timestamp: string
  data: Record<string, unknown>
}

/** JAOT's envelope as its sender writes it. */
export interface JaotRealEvent {
  event: string
  /** `2026-02-19T06:00:15.123456+00:00Z`: `new Date()` returns Invalid Date for it. */
  timestamp: string
  organization_id: string
  data: Record<string, unknown>
}

/** An event of JAOT, in either of its forms. */
export type JaotEvent = JaotDocumentedEvent | JaotRealEvent

export function sampleJaotEvent(type: string, { at, story, event }: SampleSource): JaotEvent {
  const ids = drawIds(story)
  const data = dataOf.get(type)?.(ids, event) ?? {}
  if (formOf(type) === 'documented') {
    return {
      event: type,
      trigger_id: ids.trigger,
      run_id: `run_${ids.run}`,
      timestamp: isoSeconds(at),
      data,
    }
  }
  const timestamp = isoMicrosecondsWithOffsetAndZ(at, event.integer(0, 999))
  return { event: type, timestamp, organization_id: ids.organization, data }
}

type Ids = ReturnType<typeof drawIds>

/** Draws all ids in a fixed order, so that the events of one seed have the same ids. */
function drawIds(story: Random) {
  return {
    trigger: `trg_${story.hex(16)}`,
    run: story.hex(16),
    execution: `exe_${story.hex(16)}`,
    organization: `org_${story.hex(16)}`,
    schedule: `sch_${story.hex(16)}`,
    triggerName: story.pick(['Tägliche Bestandsoptimierung', 'Nightly', 'Weekly routing']),
    modelName: story.pick(['Knapsack', 'VRP', 'Bin packing']),
  }
}

const failures = [
  'Solver error: problem is infeasible with the given constraints',
  'Pinned model version not found',
  'Timeout exceeded',
] as const

const misfits = [
  'Missing required field: demand_forecast',
  "Field 'demand_forecast' must be an array",
] as const

/** Floats are never whole: Python would write `4250.0`, which JavaScript can't represent. */
type DataSampler = (ids: Ids, random: Random) => Record<string, unknown>

const dataOf = new Map(
  Object.entries<DataSampler>({
    'trigger.run.completed': (_, random) => ({
      status: 'completed',
      result: {
        status: 'optimal',
        objective_value: random.integer(1000, 9000) + 0.25,
        solution: { warehouse_a_units: random.integer(50, 200), warehouse_b_units: random.integer(50, 200) },
        solve_time_seconds: random.integer(0, 9) + 0.5,
        credits_used: random.integer(1, 9),
        credits_remaining: random.integer(10, 999),
      },
      override_data: overrideData(random),
    }),
    'trigger.run.failed': (_, random) => ({
      status: 'failed',
      error: random.pick(failures),
      override_data: overrideData(random),
    }),
    'trigger.execution.completed': (ids, random) => ({
      ...runOf(ids),
      status: 'completed',
      execution_time_ms: random.integer(100, 9000),
      error_message: null,
      execution_id: ids.execution,
    }),
    'trigger.execution.failed': (ids, random) => {
      // A run that failed before it started has neither a duration nor an execution.
      const started = random.chance(0.5)
      return {
        ...runOf(ids),
        status: 'failed',
        execution_time_ms: started ? random.integer(100, 9000) : null,
        error_message: random.pick(failures),
        execution_id: started ? ids.execution : null,
      }
    },
    'trigger.execution.validation_failed': (ids, random) => ({
      run_id: `trun_${ids.run}`,
      trigger_id: ids.trigger,
      error: random.pick(misfits),
    }),
    'trigger.schedule.auto_disabled': (ids, random) => ({
      trigger_id: ids.trigger,
      trigger_name: ids.triggerName,
      schedule_id: ids.schedule,
      consecutive_failures: random.integer(3, 10),
    }),
    'execution.completed': (ids, random) => {
      const optimal = random.chance(0.8)
      return {
        execution_id: ids.execution,
        model_name: ids.modelName,
        status: optimal ? 'optimal' : 'infeasible',
        objective_value: optimal ? random.integer(1000, 9000) + 0.25 : null,
        execution_time_ms: random.chance(0.9) ? random.integer(100, 9000) : null,
      }
    },
    'execution.failed': (ids, random) => ({
      execution_id: ids.execution,
      model_name: ids.modelName,
      error_message: random.pick(failures),
    }),
    'credits.low': (_, random) => ({ current_balance: random.integer(0, 9), threshold: 10 }),
  }),
)

function runOf(ids: Ids): Record<string, unknown> {
  return { run_id: `trun_${ids.run}`, trigger_id: ids.trigger, trigger_name: ids.triggerName }
}

function overrideData(random: Random): Record<string, unknown> {
  return { demand_forecast: Array.from({ length: 5 }, () => random.integer(80, 200)) }
}
