import { ShortLivedMap } from '../../collections/short-lived.ts'
import type { Clock } from '../../contracts/clock.ts'
import type { Legacy } from '../../contracts/inbox/handling.ts'
import type { Progress } from '../../contracts/inbox/progress.ts'
import type { EventStore, TakenEvent } from '../event-store.ts'
import { LeaseLoss } from '../lease-loss.ts'

/** An event that is being handled. */
export interface HeldEvent {
  readonly taken: TakenEvent
  /** Tells once another process has the event. */
  readonly loss: LeaseLoss
  /** Its handlers have ended, and the store is being told for the first time. A renewal may meanwhile find that the event is done with. */
  isBeingConcluded: boolean
}

export interface Holding {
  readonly clock: Required<Clock>
  readonly leaseMs: number
}

/**
 * The events that one consumer handles. Their leases are renewed together, three times per lease. A lease is lost only when the store says so: as
 * long as no one else has taken the event, it is ours, however late it is.
 */
export class HeldEvents {
  readonly #store: EventStore
  readonly #clock: Required<Clock>
  readonly #leaseMs: number
  readonly #held = new ShortLivedMap<string, HeldEvent>()
  #renewedAt = 0
  #cancelRenewal: (() => void) | undefined

  constructor(store: EventStore, { clock, leaseMs }: Holding) {
    this.#store = store
    this.#clock = clock
    this.#leaseMs = leaseMs
  }

  get size(): number {
    return this.#held.size
  }

  /** The keys of the held events, and more keys. */
  keysWith(others: ReadonlySet<string>): ReadonlySet<string> {
    if (this.#held.size === 0) return others
    return new Set([...this.#held.keys(), ...others])
  }

  hold(taken: TakenEvent): HeldEvent {
    const held = { taken, loss: new LeaseLoss(), isBeingConcluded: false }
    if (this.#held.size === 0) this.#renewedAt = this.#clock.elapsed()
    this.#held.set(taken.event.key, held)
    this.#scheduleRenewal()
    return held
  }

  letGo({ taken }: HeldEvent): void {
    this.#held.delete(taken.event.key)
    if (this.#held.size > 0) return
    this.#cancelRenewal?.()
    this.#cancelRenewal = undefined
  }

  async checkpoint(
    held: Pick<HeldEvent, 'taken' | 'loss'>,
    progress: Progress,
    legacy?: Legacy,
  ): Promise<void> {
    if (!(await this.#store.checkpoint(held.taken, progress, legacy))) held.loss.tell()
  }

  /** Whether a renewal is overdue: the process was frozen, or a handler has blocked it. */
  get isLate(): boolean {
    return this.#held.size > 0 && this.#clock.elapsed() - this.#renewedAt > (2 * this.#leaseMs) / 3
  }

  async renew(): Promise<void> {
    const all = [...this.#held.values()].filter(({ loss }) => !loss.aborted)
    const askedAt = this.#clock.elapsed()
    const renewed = await this.#store.renew(
      all.map(({ taken }) => taken),
      this.#leaseMs,
    )
    this.#renewedAt = Math.max(this.#renewedAt, askedAt) // answers may come out of order
    for (const [index, held] of all.entries()) if (!renewed[index]) this.#lose(held)
  }

  /** The next renewal is not kept waiting by one that the store does not answer: another connection may bring it through. */
  #scheduleRenewal(): void {
    this.#cancelRenewal ??= this.#clock.after(
      this.#leaseMs / 3,
      () => {
        this.#cancelRenewal = undefined
        this.#scheduleRenewal()
        this.renew().catch(() => {}) // they are ours until another process takes them
      },
      { background: true },
    )
  }

  #lose(held: HeldEvent): void {
    if (this.#held.get(held.taken.event.key) === held && !held.isBeingConcluded) held.loss.tell()
  }
}
