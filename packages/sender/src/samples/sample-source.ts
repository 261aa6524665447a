import type { Random } from '../random/random.ts'

/** What a sample is made from. */
export interface SampleSource {
  at: Date
  /** Depends on the seed only: for ids that several events share. */
  story: Random
  /** Depends on the seed and the type: for everything else. */
  event: Random
}
