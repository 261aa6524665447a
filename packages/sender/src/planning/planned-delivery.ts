import type { OutgoingRequest } from '../sending/send-attempt.ts'
import type { MischiefName } from './mischief.ts'

/** One delivery as it will be posted. */
export interface PlannedDelivery {
  request: OutgoingRequest
  /** What was done to it. Empty: it is as the provider sends it. */
  mischief: readonly MischiefName[]
  /**
   * What a correct receiver answers: a 2xx, or anything else. Such a receiver refuses a stale event, and holds every secret of a
   * rotation.
   */
  expected: 'success' | 'refusal'
}

/** Deliveries that belong together: one, or one and its duplicates. */
export interface Volley {
  readonly deliveries: readonly PlannedDelivery[]
  /** True: they are posted at the same moment. False: each one waits for the reply to the one before. */
  readonly atOnce: boolean
}
