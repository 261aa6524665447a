import type { JsonObject } from '@hookport/core'
import type { BodyForm } from '../request/write-body.ts'

/** What a sample is made for. */
export interface Draft {
  readonly type: string
  /** Letters and digits, different for each event. */
  readonly id: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** A realistic event: its data, and the envelope that the sender puts around it. */
export interface Sample {
  readonly data: unknown
  envelope(data: unknown): JsonObject
  /** Headers that the sender does not sign, by lower-case names. */
  readonly headers?: Readonly<Record<string, string>>
  /** Defaults to `json`. */
  readonly form?: BodyForm
}

/** The samples of a sender. */
export interface Sampler {
  /** Types for which it has data. For others it only has the envelope. The first is the usual one. */
  readonly types: readonly string[]
  sample(draft: Draft): Sample
}

/** A whole number made from an id, like the numbers that senders give their objects. */
export function numberOf(id: string): number {
  let number = 0
  for (const character of id) number = (number * 31 + character.charCodeAt(0)) % 9_000_000_000
  return 1_000_000_000 + number
}
