import type { OutgoingRequest } from '../sending/send-attempt.ts'
import type { MischiefName } from './mischief.ts'

/** One delivery as it will be posted. */
export interface PlannedDelivery {
  request: OutgoingRequest
  /** What was done to it. Empty if it is as the provider sends it. */
  mischief: readonly MischiefName[]
  /** Whether a correct receiver answers with a 2xx. Such a receiver refuses a stale event, and has every secret of a rotation. */
  expected: 'success' | 'refusal'
}

/** Deliveries that belong together: one, or one and its duplicates. */
export interface Volley {
  readonly deliveries: readonly PlannedDelivery[]
  /** If true, they are posted at the same moment. If false, each waits for the reply to the one before. */
  readonly atOnce: boolean
}
