import { timeOf } from '../management/source.ts'
import type { Run } from './runs.ts'

const ends = ['completed', 'failed', 'validation_failed']

export function isEndOfRun(status: string): boolean {
  return ends.includes(status)
}

/** The body that JAOT really sends at the end of a run, with its fields sorted as JAOT does. */
export function eventOfRun(run: Run, triggerId: string, triggerName: string): object {
  const at = timeOf(run.completed_at) ?? timeOf(run.created_at) ?? Date.now()
  return {
    data:
      run.status === 'validation_failed' ? misfit(run, triggerId) : execution(run, triggerId, triggerName),
    event: `trigger.execution.${run.status}`,
    organization_id: run.organization_id ?? '',
    timestamp: new Date(at).toISOString().replace('Z', '000+00:00Z'),
  }
}

function execution(run: Run, triggerId: string, triggerName: string): object {
  return {
    error_message: run.error_message ?? null,
    execution_id: run.execution_id ?? null,
    execution_time_ms: run.execution_time_ms ?? null,
    run_id: run.id,
    status: run.status,
    trigger_id: triggerId,
    trigger_name: triggerName,
  }
}

function misfit(run: Run, triggerId: string): object {
  return { error: run.error_message ?? 'validation failed', run_id: run.id, trigger_id: triggerId }
}
