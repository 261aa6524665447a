import type { CancelTimer, Clock } from './clock.ts'
import { Deadlines } from './deadlines.ts'
import type { Inbox, Lease } from './inbox.ts'
import { withDeadline } from './with-deadline.ts'

/** How long a claim lasts without renewal: three renewals fit in, and a sender whose receiver died waits no longer. */
export const leaseMs = 30_000

/** Keeps a lease alive while handlers run, and says so when it is lost. */
export class HeldLease {
  readonly #inbox: Inbox
  readonly #lease: Lease
  readonly #clock: Required<Clock>
  readonly #lost = new AbortController()
  #heldUntil: number
  #cancelRenewal: CancelTimer = () => {}
  #ended = false

  constructor(inbox: Inbox, lease: Lease, clock: Required<Clock>) {
    this.#inbox = inbox
    this.#lease = lease
    this.#clock = clock
    this.#heldUntil = clock.now() + leaseMs
    this.#scheduleRenewal()
  }

  /** Aborted once the lease is lost. */
  get signal(): AbortSignal {
    return this.#lost.signal
  }

  end(): void {
    this.#ended = true
    this.#cancelRenewal()
  }

  #scheduleRenewal(): void {
    this.#cancelRenewal = this.#clock.after(leaseMs / 3, () => void this.#renew())
  }

  async #renew(): Promise<void> {
    const askedAt = this.#clock.now()
    const renewed = await this.#askInbox(Math.min(leaseMs / 3, this.#heldUntil - askedAt))
    if (this.#ended) return
    if (renewed === true) this.#heldUntil = askedAt + leaseMs
    if (renewed === false || this.#clock.now() >= this.#heldUntil) return this.#lost.abort()
    this.#scheduleRenewal()
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
