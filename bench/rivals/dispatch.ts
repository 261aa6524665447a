import { countHandled } from '../servers/serve.ts'
import { onceWithRetry } from './same-promises.ts'

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

async function runHandler(event: Event): Promise<void> {
  await handlers[event.type]?.(event)
}

const ways: Record<string, (event: Event) => Promise<void>> = {
  plain: runHandler,
  once: onceWithRetry(runHandler),
  none: async () => {},
}

/** Called once the reply is written. What becomes of the event then, `HANDLING` says. */
export const dispatch = ways[process.env.HANDLING ?? 'plain'] as (event: Event) => Promise<void>
