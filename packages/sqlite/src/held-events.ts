import type { Clock, Progress } from '@hookport/core'
import type { GroupCommit } from './group-commit.ts'
import type { LeasedEvent, LeasedEvents } from './leased-events.ts'

/** An event under work. */
export interface HeldEvent {
  readonly leased: LeasedEvent
  readonly lost: AbortController
  heldUntil: number
}

export interface HoldingParts {
  readonly leases: LeasedEvents
  readonly commits: GroupCommit
  readonly clock: Required<Clock>
  readonly leaseMs: number
}

/** The events under work of one consumer. Renews their leases together, and says so when one is lost. */
export class HeldEvents {
  readonly #parts: HoldingParts
  readonly #held = new Set<HeldEvent>()
  #cancelRenewal: (() => void) | undefined

  constructor(parts: HoldingParts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#held.size
  }

  hold(leased: LeasedEvent, heldUntil: number): HeldEvent {
    const held = { leased, lost: new AbortController(), heldUntil }
    this.#held.add(held)
    this.#scheduleRenewal()
    return held
  }

  letGo(held: HeldEvent): void {
    this.#held.delete(held)
    if (this.#held.size > 0) return
    this.#cancelRenewal?.()
    this.#cancelRenewal = undefined
  }

  async checkpoint(held: HeldEvent, progress: Progress): Promise<void> {
    const { commits, leases } = this.#parts
    if (!(await commits.run(() => leases.checkpoint(held.leased, progress)))) held.lost.abort()
  }

  #scheduleRenewal(): void {
    const { clock, leaseMs } = this.#parts
    this.#cancelRenewal ??= clock.after(leaseMs / 3, () => void this.#renewAll())
  }

  async #renewAll(): Promise<void> {
    const { commits, leases, clock, leaseMs } = this.#parts
    const all = [...this.#held].filter(({ lost }) => !lost.signal.aborted)
    try {
      const heldUntil = await commits.run(() => {
        const until = clock.now() + leaseMs
        for (const held of all) {
          if (!leases.renew(held.leased, until)) held.heldUntil = 0
        }
        return until
      })
      for (const held of all) if (held.heldUntil > 0) held.heldUntil = heldUntil
    } catch {
      // The leases may still be ours until their time runs out.
    }
    const now = clock.now()
    for (const held of all) if (this.#held.has(held) && held.heldUntil <= now) held.lost.abort()
    this.#cancelRenewal = undefined
    if (this.#held.size > 0) this.#scheduleRenewal()
  }
}
