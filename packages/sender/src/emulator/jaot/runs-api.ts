import type { EmulatorState } from '../emulator-state.ts'
import { ApiError } from '../http/api-error.ts'
import type { Exchange } from '../http/http-exchange.ts'
import { optional } from '../http/read-fields.ts'
import type { Route } from '../http/route-table.ts'
import type { JaotTrigger } from '../registrations.ts'
import { type AskedOutcome, fireTrigger, outcomes } from './fire-trigger.ts'
import { type Run, shownRun } from './run.ts'
import { triggerOf } from './triggers-api.ts'

const maxPageSize = 100

/** JAOT's runs: fire, list newest first, get, fire again. */
export function runRoutes(state: EmulatorState): Route[] {
  const find = (exchange: Exchange): { trigger: JaotTrigger; run: Run } => {
    const trigger = triggerOf(state, exchange)
    const run = trigger.runs.find(({ id }) => id === exchange.parameters[1])
    if (run === undefined) throw new ApiError(404, `no run ${exchange.parameters[1]}`)
    return { trigger, run }
  }
  return [
    {
      at: 'POST /api/v2/triggers/{id}/fire',
      answer(exchange) {
        const trigger = firedTrigger(state, exchange)
        const { override_data: overrideData } = exchange.fields
        return fired(fireTrigger(state, trigger, askedOutcome(exchange), overrideData, 'manual'))
      },
    },
    {
      at: 'GET /api/v2/triggers/{id}/runs',
      answer(exchange) {
        const { runs } = triggerOf(state, exchange)
        const page = wholeNumber(exchange, 'page', 1, Number.MAX_SAFE_INTEGER)
        const pageSize = wholeNumber(exchange, 'page_size', 20, maxPageSize)
        const items = runs.slice((page - 1) * pageSize, page * pageSize).map(shownRun)
        const total_pages = Math.ceil(runs.length / pageSize)
        const shown = { total_pages, has_next: page < total_pages, has_prev: page > 1 }
        return { status: 200, body: { items, total: runs.length, page, page_size: pageSize, ...shown } }
      },
    },
    {
      at: 'GET /api/v2/triggers/{id}/runs/{run_id}',
      answer: (exchange) => ({ status: 200, body: shownRun(find(exchange).run) }),
    },
    {
      at: 'POST /api/v2/triggers/{id}/runs/{run_id}/rerun',
      answer(exchange) {
        const { trigger, run } = find(exchange)
        const overrideData = run.override_data ?? undefined
        return fired(fireTrigger(state, trigger, askedOutcome(exchange), overrideData, 'rerun'))
      },
    },
  ]
}

function fired({ id }: Run) {
  return { status: 202, body: { run_id: id, status: 'pending' } }
}

/** Firing is authorized by the trigger's own secret, in the header or in the body. An API key does not authorize it. */
function firedTrigger(
  { registrations }: EmulatorState,
  { parameters, fields, bearer }: Exchange,
): JaotTrigger {
  const trigger = registrations.anyTrigger(parameters[0] ?? '')
  const secret = optional(fields, 'trigger_secret', 'string') ?? bearer()
  if (secret !== trigger.triggerSecret) throw new ApiError(401, 'the trigger secret is not the right one')
  return trigger
}

/** A field that only the emulator has: how the run should end. */
function askedOutcome({ query }: Exchange): AskedOutcome {
  const asked = query.get('outcome') ?? 'completed'
  const known = outcomes.find((outcome) => outcome === asked)
  if (known === undefined)
    throw new ApiError(422, `outcome must be one of ${outcomes.join(', ')}`, { field: 'outcome' })
  return known
}

function wholeNumber({ query }: Exchange, name: string, usual: number, max: number): number {
  const value = Number(query.get(name) ?? usual)
  if (Number.isInteger(value) && value >= 1 && value <= max) return value
  throw new ApiError(422, `${name} must be a whole number from 1 to ${max}`, { field: name })
}
