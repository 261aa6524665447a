import type { Clock } from '../contracts/clock.ts'
import type { Inbox, Lease, LeaseSignal } from '../contracts/inbox.ts'
import { type Deadline, Deadlines } from '../time/deadlines.ts'
import { withDeadline } from '../time/with-deadline.ts'

/** How long a claim lasts without renewal: three renewals fit in, and a sender whose receiver died waits no longer. */
export const leaseMs = 30_000

/** How often it is renewed. */
export const renewalMs = leaseMs / 3

/** Keeps a lease alive while handlers run, and says so when it is lost. Its own signal: most leases end before anyone asks for one. */
export class HeldLease implements LeaseSignal {
  readonly #inbox: Inbox
  readonly #lease: Lease
  readonly #clock: Required<Clock>
  readonly #renewals: Deadlines
  #listeners: readonly (() => void)[] = []
  #heldUntil: number
  #renewal: Deadline
  #lost = false
  #ended = false

  /** @param renewals of `renewalMs`. */
  constructor(inbox: Inbox, lease: Lease, clock: Required<Clock>, renewals: Deadlines) {
    this.#inbox = inbox
    this.#lease = lease
    this.#clock = clock
    this.#renewals = renewals
    this.#heldUntil = clock.now() + leaseMs
    this.#renewal = this.#setRenewal()
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
    this.#renewal.cancel()
  }

  #setRenewal(): Deadline {
    return this.#renewals.set(() => void this.#renew())
  }

  #lose(): void {
    this.#lost = true
    for (const listener of this.#listeners) listener()
  }

  async #renew(): Promise<void> {
    const askedAt = this.#clock.now()
    const renewed = await this.#askInbox(Math.min(renewalMs, this.#heldUntil - askedAt))
    if (this.#ended) return
    if (renewed === true) this.#heldUntil = askedAt + leaseMs
    if (renewed === false || this.#clock.now() >= this.#heldUntil) return this.#lose()
    this.#renewal = this.#setRenewal()
  }

  /** Undefined where the inbox does not answer: the lease may still be ours until its time runs out. */
  async #askInbox(deadlineMs: number): Promise<boolean | undefined> {
    try {
      const deadlines = new Deadlines(deadlineMs, this.#clock)
      return await withDeadline(() => this.#inbox.renew(this.#lease, leaseMs), deadlines)
    } catch {
      return undefined
    }
  }
}
