import { z } from 'zod'
import { openObject } from '../definition-kit/open-object.ts'

/** Only the envelope of these types is documented, so nothing of their data is relied on. */
const undocumented = openObject({ optimization_id: z.string().optional() })

/** Data per event type. Unknown fields are kept. */
export const sematryxEvents = {
  'optimization.started': undocumented,
  'optimization.completed': openObject({
    optimization_id: z.string(),
    status: z.string(),
    result: openObject({
      best_solution: z.array(z.number()),
      best_fitness: z.number(),
      /** An integer; beyond 2^53 it is exact only in `rawBody`. */
      evaluations: z.number(),
      duration_seconds: z.number(),
    }),
  }),
  'optimization.failed': undocumented,
  'optimization.cancelled': undocumented,
  'optimization.stagnated': undocumented,
  'optimization.timeout': undocumented,
  'strategy.changed': undocumented,
  'context.updated': undocumented,
}
