import type { TellsOf } from '@hookport/core'
import type { Run } from './runs.ts'

type Maybe<Value> = Value | null | undefined

/** Data of `trigger.run.completed`, as documented. */
export interface CompletedRun extends TellsOf<Run> {
  status: string
  result: RunResult
  /** What the trigger was fired with. Missing where it was fired without data. */
  override_data?: unknown
}

/** The result of a run. An unbounded or infeasible one has infinities or NaN among its numbers. */
export interface RunResult {
  status: string
  objective_value?: Maybe<number>
  solution?: Maybe<Record<string, unknown>>
  solve_time_seconds?: Maybe<number>
  credits_used?: Maybe<number>
  credits_remaining?: Maybe<number>
}

/** Data of `trigger.run.failed`, as documented. */
export interface FailedRun extends TellsOf<Run> {
  status: string
  error: string
  override_data?: unknown
}

/** Data of `trigger.execution.completed` and `trigger.execution.failed`, as sent. It has no solution: that is in the run, which `event.fetch()` gets. */
export interface TriggerExecution extends TellsOf<Run> {
  run_id: string
  trigger_id: string
  trigger_name: string
  status: string
  execution_time_ms?: Maybe<number>
  error_message?: Maybe<string>
  execution_id?: Maybe<string>
}

/** Data of `trigger.execution.validation_failed`, as sent: the input of the trigger was invalid, and nothing was solved. */
export interface FailedValidation extends TellsOf<Run> {
  run_id: string
  trigger_id: string
  error: string
}

/** Data of `trigger.schedule.auto_disabled`, as sent. */
export interface DisabledSchedule {
  trigger_id: string
  trigger_name: string
  schedule_id: string
  consecutive_failures: number
}

/** Data of `execution.completed`, as older versions sent it. */
export interface CompletedExecution {
  execution_id: string
  model_name: string
  status: string
  objective_value?: Maybe<number>
  execution_time_ms?: Maybe<number>
}

/** Data of `execution.failed`, as older versions sent it. */
export interface FailedExecution {
  execution_id: string
  model_name: string
  error_message: string
}

/** Data of `credits.low`, as older versions sent it. */
export interface LowCredits {
  current_balance: number
  threshold: number
}

/** JAOT's event types and their data: those in its documentation, and those in its public sender code (August 2026). */
export interface JaotEvents {
  'trigger.run.completed': CompletedRun
  'trigger.run.failed': FailedRun
  'trigger.execution.completed': TriggerExecution
  'trigger.execution.failed': TriggerExecution
  'trigger.execution.validation_failed': FailedValidation
  'trigger.schedule.auto_disabled': DisabledSchedule
  'execution.completed': CompletedExecution
  'execution.failed': FailedExecution
  'credits.low': LowCredits
}
