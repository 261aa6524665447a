/** How Sematryx's list is written. Its documentation does not say, and its dashboard reads all three. */
export type ListForm = 'array' | 'operations' | 'results'

interface Optimization {
  readonly id: string
  status: string
  readonly created_at: string
  completed_at: string | null
  result: Record<string, unknown>
  error: string | null
}

const statuses: Readonly<Record<string, string>> = {
  'optimization.completed': 'completed',
  'optimization.failed': 'failed',
  'optimization.cancelled': 'cancelled',
  'optimization.timeout': 'failed',
}

/** The optimizations that events were about. */
export class Optimizations {
  readonly #byId = new Map<string, Optimization>()

  /** Records what happened to an optimization. */
  note(type: string, event: object, now: number): void {
    const { data } = event as { data?: { optimization_id?: unknown; result?: Record<string, unknown> } }
    const id = data?.optimization_id
    if (typeof id !== 'string') return
    const at = new Date(now).toISOString()
    const known = this.#byId.get(id) ?? {
      id,
      status: 'running',
      created_at: at,
      completed_at: null,
      result: {},
      error: null,
    }
    const status = statuses[type]
    if (status !== undefined) Object.assign(known, { status, completed_at: at, result: data?.result ?? {} })
    if (status === 'failed')
      known.error = type === 'optimization.timeout' ? 'Timeout exceeded' : 'Solver error'
    this.#byId.set(id, known)
  }

  get(id: string): object | undefined {
    const found = this.#byId.get(id)
    return found && shown(found)
  }

  /** Newest first, written in this form. */
  list(form: ListForm, limit: number, offset: number): object {
    const items = [...this.#byId.values()].reverse().slice(offset, offset + limit)
    if (form === 'operations') return { operations: items.map(otherwiseShown) }
    return form === 'results' ? { results: items.map(shown) } : items.map(shown)
  }
}

function shown({ result, ...optimization }: Optimization): object {
  return { ...optimization, ...result }
}

/** Adds the other names that the documentation has for the same fields. */
function otherwiseShown({ id, result, ...optimization }: Optimization): object {
  const { best_solution: optimal_solution, best_fitness: optimal_value, evaluations, ...rest } = result
  return {
    operation_id: id,
    ...optimization,
    optimal_solution,
    optimal_value,
    evaluations_used: evaluations,
    ...rest,
  }
}
