import type { EmulatorState } from '../emulator-state.ts'
import { ApiError } from '../http/api-error.ts'
import type { JaotTrigger } from '../registrations.ts'
import { sendUnlessLost } from '../send-unless-lost.ts'
import type { Run } from './run.ts'
import { type Outcome, runEvent } from './run-event.ts'

/** How a fired run ends. `lost`: it fails, and nothing is ever sent. */
export const outcomes = ['completed', 'failed', 'validation_failed', 'lost'] as const
export type AskedOutcome = (typeof outcomes)[number]

const minute = 60_000
const day = 24 * 60 * minute

/** How many fires of one trigger JAOT allows, and in which time. */
const limits = (perMinute: number) => [
  { fires: perMinute, withinMs: minute },
  { fires: 50 * perMinute, withinMs: day },
]

/**
 * Records a run, and reports it.
 *
 * @throws {ApiError} 409 for a trigger that is not enabled, 429 above a limit, 422 for data that does not fit, which is recorded and reported as
 * well.
 */
export function fireTrigger(
  state: EmulatorState,
  trigger: JaotTrigger,
  asked: AskedOutcome,
  overrideData: unknown,
  source: Run['source'],
): Run {
  if (!trigger.enabled) throw new ApiError(409, 'the trigger is disabled')
  countFire(trigger, state.clock.now(), state.jaotFiresPerMinute)
  const misfit = misfitOf(trigger, overrideData)
  const outcome = misfit === undefined ? asked : 'validation_failed'
  const run = record(state, trigger, outcome, overrideData, source, misfit)
  if (run.status !== 'validation_failed') return run
  const error = run.error_message ?? ''
  throw new ApiError(422, error, { detail: { error, run_id: run.id } })
}

function record(
  state: EmulatorState,
  trigger: JaotTrigger,
  asked: AskedOutcome,
  overrideData: unknown,
  source: Run['source'],
  misfit: string | undefined,
): Run {
  const outcome: Outcome = asked === 'lost' ? 'failed' : asked
  const { type, runId, event } = runEvent(state, trigger, outcome, overrideData)
  if (misfit !== undefined) event.data.error = misfit
  const { data } = event
  const at = new Date(state.clock.now()).toISOString()
  const result = data.result as { solution?: unknown } | undefined
  const ended: Partial<Run> = {
    status: outcome,
    execution_id: (data.execution_id as string | undefined) ?? null,
    result_data: outcome === 'completed' ? (result?.solution ?? { warehouse_a_units: 120 }) : null,
    error_message: ((data.error_message ?? data.error) as string | undefined) ?? null,
    execution_time_ms: (data.execution_time_ms as number | undefined) ?? null,
  }
  const run: Run = {
    id: runId,
    trigger_id: trigger.id,
    organization_id: trigger.organization,
    override_data: overrideData ?? null,
    source,
    status: 'running',
    execution_id: null,
    result_data: null,
    error_message: null,
    execution_time_ms: null,
    created_at: at,
    completed_at: null,
    deliveries: [],
  }
  trigger.runs.unshift(run)
  const end = () => {
    Object.assign(run, ended, { completed_at: new Date(state.clock.now()).toISOString() })
    if (asked !== 'lost')
      sendUnlessLost(state, trigger, type, event, (deliveries) => {
        run.deliveries = deliveries
      })
  }
  const runMs = outcome === 'validation_failed' ? 0 : (state.losses.runMs?.() ?? 0)
  if (runMs > 0) state.dispatcher.later(state.clock, runMs, end)
  else end()
  return run
}

/** @throws {ApiError} 429, with the time to wait. */
function countFire(trigger: JaotTrigger, now: number, perMinute: number): void {
  for (const { fires, withinMs } of limits(perMinute)) {
    const recent = trigger.firedAt.filter((at) => now - at < withinMs)
    const [oldest = now] = recent.slice(-fires)
    if (recent.length < fires) continue
    const seconds = Math.ceil((oldest + withinMs - now) / 1000)
    const message = `more than ${fires} fires in ${withinMs / 1000} s`
    throw new ApiError(429, message, {
      headers: { 'Retry-After': String(seconds) },
      detail: { error: 'rate_limit_exceeded', message, limit: fires, remaining: 0, retry_after: seconds },
    })
  }
  trigger.firedAt.push(now)
}

/** A field that a fire may override. */
export interface OverrideField {
  readonly name: string
  readonly required?: boolean
}

/** Why data does not fit the trigger's schema: a list of the fields that there may be; or a JSON schema, of which only `required` is checked. */
function misfitOf({ overrideSchema }: JaotTrigger, overrideData: unknown): string | undefined {
  const given = typeof overrideData === 'object' && overrideData !== null ? Object.keys(overrideData) : []
  if (!Array.isArray(overrideSchema)) {
    const { required } = (overrideSchema ?? {}) as { required?: unknown }
    const missing = Array.isArray(required) ? required.find((field) => !given.includes(field)) : undefined
    return missing === undefined ? undefined : `Missing required field: ${missing}`
  }
  const fields: readonly OverrideField[] = overrideSchema
  const unknown = given.filter((name) => !fields.some((field) => field.name === name))
  if (unknown.length > 0) return `Unknown override fields: ${unknown.sort().join(', ')}`
  const missing = fields.flatMap(({ name, required }) => (required && !given.includes(name) ? [name] : []))
  return missing.length > 0 ? `Missing required override fields: ${missing.sort().join(', ')}` : undefined
}
