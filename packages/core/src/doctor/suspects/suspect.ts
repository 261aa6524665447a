import type { SignatureCause } from '../explanations.ts'

/** A part of a delivery: as it arrived, or as it would have arrived without a certain cause. */
export interface Suspect<Value> {
  readonly value: Value
  /** The causes that are undone in `value`. Empty: it is unchanged. */
  readonly causes: readonly SignatureCause[]
  /** The detail in the explanation: the name of a header or of a secret. Never its value. */
  readonly detail?: string
}

export function innocent<Value>(value: Value): Suspect<Value> {
  return { value, causes: [] }
}
