import type { EventRecord, Inbox, PutOptions, PutResult } from '../contracts/inbox.ts'
import type { Deadlines } from '../time/deadlines.ts'
import type { Awaitable } from '../time/when-ready.ts'
import { withDeadline } from '../time/with-deadline.ts'

/** Takes an authentic event on. What it resolves to is acknowledged; a Refusal that it throws is not. */
export type TakeOn = (event: EventRecord, options: PutOptions) => Awaitable<PutResult>

export interface TakeOnTools {
  readonly inbox: Inbox
  /** By which the inbox has to answer. */
  readonly acceptDeadlines: Deadlines
}

/** Acknowledges an event as soon as the inbox holds it. */
export function takeOnAtReceipt({ inbox, acceptDeadlines }: TakeOnTools): TakeOn {
  return (event, options) => withDeadline(() => inbox.put(event, options), acceptDeadlines)
}
