import { fnv1a } from './fnv1a.ts'
import { createRandom, type Random } from './random.ts'

/** Decides which events one mischief hits, and how. */
export interface Dice {
  /** True for a share of the calls. Call it once for every event. */
  strikes(share: number): boolean
  /** For the details of a hit, such as which byte is changed. Using it does not change which events are hit next. */
  readonly detail: Random
}

/** Dice with the same seed and name always give the same results, whatever other dice are used. */
export function createDice(seed: number, name: string): Dice {
  const whom = createRandom(seed ^ fnv1a(name))
  const detail = createRandom(seed ^ fnv1a(`${name} detail`))
  return { strikes: (share) => whom.chance(share), detail }
}
