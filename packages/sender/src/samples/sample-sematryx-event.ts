import type { Random } from '../random/random.ts'
import { isoSeconds } from '../wire/format-time.ts'
import type { SampleSource } from './sample-source.ts'

/** Sematryx's envelope. */
export interface SematryxEvent {
  /** `evt_…` */
  id: string
  type: string
  /** ISO 8601 */
  created_at: string
  data: { optimization_id: string; [field: string]: unknown }
}

/** Only `optimization.completed` has documented data. For the others, only `optimization_id` can be expected. */
export function sampleSematryxEvent(type: string, { at, story, event }: SampleSource): SematryxEvent {
  return {
    id: `evt_${event.hex(24)}`,
    type,
    created_at: isoSeconds(at),
    data: { optimization_id: `opt_${story.hex(16)}`, ...extraData.get(type)?.(event) },
  }
}

type DataSampler = (random: Random) => Record<string, unknown>

const extraData = new Map(
  Object.entries<DataSampler>({
    'optimization.completed': (random) => ({
      status: 'completed',
      result: {
        best_solution: Array.from({ length: 3 }, () => (random.integer(1, 4999) * sign(random)) / 1e6),
        // Below 1e-4: Python and JavaScript print it differently.
        best_fitness: random.integer(11, 999) / 1e7,
        evaluations: random.integer(200, 5000),
        // Never whole: Python would write `5.0`, which JavaScript can't represent.
        duration_seconds: (random.integer(10, 998) * 10 + random.integer(1, 9)) / 1e3,
      },
    }),
    'context.updated': (random) => ({
      context: { name: random.pick(['Größe ≤ 5 µm 🚀', 'Zürich / spring plan', 'night shift']) },
    }),
  }),
)

function sign(random: Random): 1 | -1 {
  return random.chance(0.5) ? 1 : -1
}
