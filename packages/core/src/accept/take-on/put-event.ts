import type { Clock } from '../../contracts/clock.ts'
import { Refusal } from '../../contracts/errors.ts'
import type { EventRecord } from '../../contracts/inbox/event-record.ts'
import type { Inbox, PutOptions, PutResult } from '../../contracts/inbox/inbox.ts'
import { type Awaitable, whenHere } from '../../time/awaitable.ts'
import { withDeadline } from '../../time/deadlines.ts'

/**
 * Takes an authentic event on. The delivery is acknowledged if it resolves, and refused if it throws a Refusal.
 *
 * @param withinMs how long the inbox has to answer. Defaults to `acceptTimeout`.
 */
export type TakeOn = (event: EventRecord, options: PutOptions, withinMs?: number) => Awaitable<TakenOn>

/** What is acknowledged. */
export type TakenOn = Exclude<PutResult, { outcome: 'in_progress' }>

export interface TakeOnTools {
  readonly inbox: Inbox
  /** How long the inbox has to answer, in milliseconds. */
  readonly acceptTimeout: number
  readonly clock: Required<Clock>
}

/** Acknowledges an event as soon as the inbox holds it. */
export function takeOnAtReceipt({ inbox, acceptTimeout, clock }: TakeOnTools): TakeOn {
  return (event, options, withinMs = acceptTimeout) =>
    whenHere(
      withDeadline(() => inbox.put(event, options), withinMs, clock),
      takenOn,
    )
}

function takenOn(result: PutResult): TakenOn {
  switch (result?.outcome) {
    case 'accepted':
    case 'duplicate':
      return result
    case 'in_progress':
      throw inProgress('another delivery of the event is being handled', result.retryAfterMs)
    default:
      throw noOutcome('put')
  }
}

export function inProgress(reason: string, retryAfterMs: number): Refusal {
  return new Refusal('in_progress', reason, { retryAfterMs })
}

/** An inbox that says something else may hold the event, or not. So the sender is asked to send it again. */
export function noOutcome(method: 'put' | 'claim'): Refusal {
  return new Refusal('unavailable', `the inbox answered ${method} without an outcome that is known`, {
    fix: 'does every way through the inbox return what the contract says, and does it await its store?',
  })
}
