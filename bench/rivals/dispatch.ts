import { countHandled } from '../servers/serve.ts'

interface Event {
  id: string
  type: string
  data: { result: { best_fitness: number } }
}

const handlers: Record<string, (event: Event) => Promise<void>> = {
  'optimization.completed': async (event) => {
    if (event.data.result.best_fitness > 0) countHandled()
  },
}

export async function dispatch(event: Event): Promise<void> {
  await handlers[event.type]?.(event)
}
