import { anyNumber, anyObject, anything, nullish, openObject, text } from '../definition-kit/data-shapes.ts'
import type { SchemasOf } from '../definition-kit/with-events.ts'
import type { JaotEvents } from './event-data.ts'

const triggerExecution = openObject({
  run_id: text,
  trigger_id: text,
  trigger_name: text,
  status: text,
  execution_time_ms: nullish(anyNumber),
  error_message: nullish(text),
  execution_id: nullish(text),
})

/** Unknown fields are kept. */
export const jaotEvents: SchemasOf<JaotEvents> = {
  'trigger.run.completed': openObject({
    status: text,
    result: openObject({
      status: text,
      objective_value: nullish(anyNumber),
      solution: nullish(anyObject),
      solve_time_seconds: nullish(anyNumber),
      credits_used: nullish(anyNumber),
      credits_remaining: nullish(anyNumber),
    }),
    override_data: anything,
  }),
  'trigger.run.failed': openObject({
    status: text,
    error: text,
    override_data: anything,
  }),
  'trigger.execution.completed': triggerExecution,
  'trigger.execution.failed': triggerExecution,
  'trigger.execution.validation_failed': openObject({
    run_id: text,
    trigger_id: text,
    error: text,
  }),
  'trigger.schedule.auto_disabled': openObject({
    trigger_id: text,
    trigger_name: text,
    schedule_id: text,
    consecutive_failures: anyNumber,
  }),
  'execution.completed': openObject({
    execution_id: text,
    model_name: text,
    status: text,
    objective_value: nullish(anyNumber),
    execution_time_ms: nullish(anyNumber),
  }),
  'execution.failed': openObject({
    execution_id: text,
    model_name: text,
    error_message: text,
  }),
  'credits.low': openObject({ current_balance: anyNumber, threshold: anyNumber }),
}
