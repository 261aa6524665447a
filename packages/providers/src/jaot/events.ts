import { z } from 'zod'
import { openObject } from '../definition-kit/open-object.ts'

/** What JAOT's documentation describes. */
const documented = {
  'trigger.run.completed': openObject({
    status: z.string(),
    result: openObject({
      status: z.string(),
      objective_value: z.number().nullish(),
      solution: z.record(z.string(), z.unknown()).nullish(),
      solve_time_seconds: z.number().nullish(),
      credits_used: z.number().nullish(),
      credits_remaining: z.number().nullish(),
    }),
    override_data: z.unknown(),
  }),
  'trigger.run.failed': openObject({
    status: z.string(),
    error: z.string(),
    override_data: z.unknown(),
  }),
}

const triggerExecution = openObject({
  run_id: z.string(),
  trigger_id: z.string(),
  trigger_name: z.string(),
  status: z.string(),
  execution_time_ms: z.number().nullish(),
  error_message: z.string().nullish(),
  execution_id: z.string().nullish(),
})

/** What JAOT's public sender code sends (August 2026). */
const observed = {
  'trigger.execution.completed': triggerExecution,
  'trigger.execution.failed': triggerExecution,
  'trigger.schedule.auto_disabled': openObject({
    trigger_id: z.string(),
    trigger_name: z.string(),
    schedule_id: z.string(),
    consecutive_failures: z.number(),
  }),
  'execution.completed': openObject({
    execution_id: z.string(),
    model_name: z.string(),
    status: z.string(),
    objective_value: z.number().nullish(),
    execution_time_ms: z.number().nullish(),
  }),
  'execution.failed': openObject({
    execution_id: z.string(),
    model_name: z.string(),
    error_message: z.string(),
  }),
  'credits.low': openObject({ current_balance: z.number(), threshold: z.number() }),
}

/** Data per event type, of both sources. Unknown fields are kept. */
export const jaotEvents = { ...documented, ...observed }
