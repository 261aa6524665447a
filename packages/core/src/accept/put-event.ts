import type { Clock } from '../contracts/clock.ts'
import type { EventRecord, Inbox, PutOptions, PutResult } from '../contracts/inbox.ts'
import { withDeadline } from '../time/with-deadline.ts'

/** Takes an authentic event on. What it resolves to is acknowledged; a Refusal that it throws is not. */
export type TakeOn = (event: EventRecord, options: PutOptions) => Promise<PutResult>

export interface TakeOnTools {
  readonly inbox: Inbox
  /** How long the inbox has to answer, in milliseconds. */
  readonly acceptTimeout: number
  readonly clock: Required<Clock>
}

/** Acknowledges an event as soon as the inbox holds it. */
export function takeOnAtReceipt({ inbox, acceptTimeout, clock }: TakeOnTools): TakeOn {
  return (event, options) => withDeadline(() => inbox.put(event, options), acceptTimeout, clock)
}
