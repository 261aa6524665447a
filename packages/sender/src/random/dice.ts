import { fnv1a } from './fnv1a.ts'
import { createRandom, type Random } from './random.ts'

/** Decides whom one mischief strikes, and how. */
export interface Dice {
  /** True for a share of the calls. To be asked once for every event. */
  strikes(share: number): boolean
  /** For the details of a strike, such as which byte is changed. Drawing from it does not change what is struck next. */
  readonly detail: Random
}

/** Dice of the same seed and name always fall alike. Throwing other dice changes nothing. */
export function createDice(seed: number, name: string): Dice {
  const whom = createRandom(seed ^ fnv1a(name))
  const detail = createRandom(seed ^ fnv1a(`${name} detail`))
  return { strikes: (share) => whom.chance(share), detail }
}
