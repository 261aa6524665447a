import type { SignatureCause } from './explanations.ts'

/** A part of a delivery: as it came, or as it would have come without a certain cause. */
export interface Suspect<Value> {
  readonly value: Value
  /** The causes that are undone in `value`. None: it is as it came. */
  readonly causes: readonly SignatureCause[]
  /** Fills the explanation: the name of a header, of a secret. Never a value of either. */
  readonly detail?: string
}

export function innocent<Value>(value: Value): Suspect<Value> {
  return { value, causes: [] }
}
