import type { CancelTimer, Clock } from '../contracts/clock.ts'
import type { LeaseSignal } from '../contracts/inbox/handling.ts'
import type { Inbox, Lease } from '../contracts/inbox/inbox.ts'
import { withDeadline } from '../time/with-deadline.ts'

/** How long a claim lasts without renewal. Long enough for three renewals, and short for a sender whose receiver has died. */
export const leaseMs = 30_000

/** The time between two renewals. */
const renewalMs = leaseMs / 3

/** Renews a lease while handlers run, and says when it is lost. It has a signal of its own, created when first asked for: most leases end before that. */
export class HeldLease implements LeaseSignal {
  readonly #inbox: Inbox
  readonly #lease: Lease
  readonly #clock: Required<Clock>
  #listeners: readonly (() => void)[] = []
  #heldUntil: number
  #cancelRenewal: CancelTimer
  #lost = false
  #ended = false

  /** The inbox counts the lease from a moment after `askedAt`, when it was asked for it. Its answer may have come late. */
  constructor(inbox: Inbox, lease: Lease, askedAt: number, clock: Required<Clock>) {
    this.#inbox = inbox
    this.#lease = lease
    this.#clock = clock
    this.#heldUntil = askedAt + leaseMs
    this.#cancelRenewal = this.#setRenewal()
  }

  get aborted(): boolean {
    return this.#lost
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners = [...this.#listeners, listener]
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners = this.#listeners.filter((one) => one !== listener)
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

  #lose(): void {
    this.#lost = true
    for (const listener of this.#listeners) listener()
  }

  async #renew(): Promise<void> {
    const askedAt = this.#clock.elapsed()
    const renewed = await this.#askInbox(Math.min(renewalMs, this.#heldUntil - askedAt))
    if (this.#ended) return
    if (renewed === true) this.#heldUntil = askedAt + leaseMs
    if (renewed === false || this.#clock.elapsed() >= this.#heldUntil) return this.#lose()
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
