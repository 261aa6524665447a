import type { CancelTimer, Clock } from '../contracts/clock.ts'
import type { Inbox, Lease } from '../contracts/inbox/inbox.ts'
import { withDeadline } from '../time/deadlines.ts'
import { LeaseLoss } from './lease-loss.ts'

/** How long a claim lasts without renewal. Long enough for three renewals, and short for a sender whose receiver has died. */
export const leaseMs = 30_000

/** The time between two renewals. */
const renewalMs = leaseMs / 3

/** Renews a lease while handlers run, and says when it is lost. */
export class HeldLease {
  readonly loss = new LeaseLoss()
  readonly #inbox: Inbox
  readonly #lease: Lease
  readonly #clock: Required<Clock>
  #heldUntil: number
  #cancelRenewal: CancelTimer
  #ended = false

  /** The inbox counts the lease from a moment after `askedAt`, when it was asked for it. Its answer may have come late. */
  constructor(inbox: Inbox, lease: Lease, askedAt: number, clock: Required<Clock>) {
    this.#inbox = inbox
    this.#lease = lease
    this.#clock = clock
    this.#heldUntil = askedAt + leaseMs
    this.#cancelRenewal = this.#setRenewal()
  }

  end(): void {
    this.#ended = true
    this.#cancelRenewal()
  }

  /** Not set for later than the end of the lease, where an answer came late. The loss would be noticed too late. */
  #setRenewal(): CancelTimer {
    const inMs = Math.min(renewalMs, this.#heldUntil - this.#clock.elapsed())
    return this.#clock.after(inMs, () => void this.#renew(), { background: true })
  }

  async #renew(): Promise<void> {
    const askedAt = this.#clock.elapsed()
    const renewed = await this.#askInbox(Math.min(renewalMs, this.#heldUntil - askedAt))
    if (this.#ended) return
    if (renewed === true) this.#heldUntil = askedAt + leaseMs
    if (renewed === false || this.#clock.elapsed() >= this.#heldUntil) return this.loss.tell()
    this.#cancelRenewal = this.#setRenewal()
  }

  /** Undefined where the inbox does not answer. The lease may still be ours until its time is over. */
  async #askInbox(timeoutMs: number): Promise<boolean | undefined> {
    try {
      return await withDeadline(() => this.#inbox.renew(this.#lease, leaseMs), timeoutMs, this.#clock)
    } catch {
      return undefined
    }
  }
}
