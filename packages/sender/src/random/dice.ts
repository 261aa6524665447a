import { fnv1a } from './fnv1a.ts'
import { createRandom, type Random } from './random.ts'

/** Decides whom one mischief strikes, and how. */
export interface Dice {
  /** True for a share of the calls. To be asked once for every event. */
  strikes(share: number): boolean
  /** For the details of a strike. Does not change whom the next one hits. */
  readonly detail: Random
}

/** Dice of the same seed and name fall alike, whatever other dice do. */
export function createDice(seed: number, name: string): Dice {
  const whom = createRandom(seed ^ fnv1a(name))
  const detail = createRandom(seed ^ fnv1a(`${name} detail`))
  return { strikes: (share) => whom.chance(share), detail }
}
