import { z } from 'zod'
import { anyNumber } from '../definition-kit/any-number.ts'
import { openObject } from '../definition-kit/open-object.ts'
import type { SchemasOf } from '../definition-kit/with-events.ts'
import type { JaotEvents } from './event-data.ts'

const triggerExecution = openObject({
  run_id: z.string(),
  trigger_id: z.string(),
  trigger_name: z.string(),
  status: z.string(),
  execution_time_ms: anyNumber.nullish(),
  error_message: z.string().nullish(),
  execution_id: z.string().nullish(),
})

/** Unknown fields are kept. */
export const jaotEvents: SchemasOf<JaotEvents> = {
  'trigger.run.completed': openObject({
    status: z.string(),
    result: openObject({
      status: z.string(),
      objective_value: anyNumber.nullish(),
      solution: z.record(z.string(), z.unknown()).nullish(),
      solve_time_seconds: anyNumber.nullish(),
      credits_used: anyNumber.nullish(),
      credits_remaining: anyNumber.nullish(),
    }),
    override_data: z.unknown().optional(),
  }),
  'trigger.run.failed': openObject({
    status: z.string(),
    error: z.string(),
    override_data: z.unknown().optional(),
  }),
  'trigger.execution.completed': triggerExecution,
  'trigger.execution.failed': triggerExecution,
  'trigger.execution.validation_failed': openObject({
    run_id: z.string(),
    trigger_id: z.string(),
    error: z.string(),
  }),
  'trigger.schedule.auto_disabled': openObject({
    trigger_id: z.string(),
    trigger_name: z.string(),
    schedule_id: z.string(),
    consecutive_failures: anyNumber,
  }),
  'execution.completed': openObject({
    execution_id: z.string(),
    model_name: z.string(),
    status: z.string(),
    objective_value: anyNumber.nullish(),
    execution_time_ms: anyNumber.nullish(),
  }),
  'execution.failed': openObject({
    execution_id: z.string(),
    model_name: z.string(),
    error_message: z.string(),
  }),
  'credits.low': openObject({ current_balance: anyNumber, threshold: anyNumber }),
}
