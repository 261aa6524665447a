import type { SignatureCause } from './explanations.ts'

/** Something as it came, or as it would be had a cause not struck. */
export interface Suspect<Value> {
  readonly value: Value
  /** What would have to be the matter. None: it is taken as it came. */
  readonly causes: readonly SignatureCause[]
  /** Fills the explanation: the name of a header, of a secret. Never a value of either. */
  readonly detail?: string
}

export function innocent<Value>(value: Value): Suspect<Value> {
  return { value, causes: [] }
}
