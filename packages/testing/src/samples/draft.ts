import type { JsonObject } from '@hookport/core'
import type { BodyForm } from '../request/write-body.ts'

/** What a sample is made for. */
export interface Draft {
  readonly type: string
  /** Letters and digits, another one for each event. */
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

/** What a sender sends. */
export interface Sampler {
  /** Types that it has data of. Of others there is the envelope. The first is the usual one. */
  readonly types: readonly string[]
  sample(draft: Draft): Sample
}

/** A whole number that belongs to an id, as senders give their things. */
export function numberOf(id: string): number {
  let number = 0
  for (const character of id) number = (number * 31 + character.charCodeAt(0)) % 9_000_000_000
  return 1_000_000_000 + number
}
