import type { CancelTimer, Clock } from '../../contracts/clock.ts'
import type { Notes } from '../../contracts/inbox/notes.ts'

const shortestLeaseMs = 3_000
const longestLeaseMs = 15_000

/**
 * How long the lead in work is leased that is done every `everyMs`. Not for longer, so that a dead process does not delay the next pass.
 */
export function leadLeaseMs(everyMs: number): number {
  return Math.min(longestLeaseMs, Math.max(shortestLeaseMs, everyMs))
}

/** The right to make a pass, which one process of all has at a time. A timer renews it. A process that dies loses it soon. */
export class Lead {
  readonly #notes: Notes
  readonly #work: string
  readonly #leaseMs: number
  readonly #clock: Required<Clock>
  #holderName: string | undefined
  #cancelTimer: CancelTimer | undefined
  #renewing: Promise<unknown> = Promise.resolve()

  /** @param notes that answer or reject within two thirds of `leaseMs`: a renewal begins after one third. */
  constructor(notes: Notes, work: string, leaseMs: number, clock: Required<Clock>) {
    this.#notes = notes
    this.#work = work
    this.#leaseMs = leaseMs
    this.#clock = clock
  }

  get isHeld(): boolean {
    return this.#cancelTimer !== undefined
  }

  /**
   * Takes the lead. False where another process has it.
   *
   * @param onLost called once when it can't be renewed any more.
   */
  async take(onLost: () => void): Promise<boolean> {
    if (!(await this.#notes.lead(this.#work, this.#holder, this.#leaseMs))) return false
    this.#renewing = Promise.resolve() // one from before may belong to a request that has ended, and never end
    this.#renewLater(onLost)
    return true
  }

  async resign(): Promise<void> {
    if (!this.isHeld) return
    this.#let()
    await this.#renewing // one that came later would take the lead again
    await this.#notes.resign(this.#work, this.#holder)
  }

  #renewLater(onLost: () => void): void {
    const renew = async () => {
      const renewing = this.#renew()
      this.#renewing = renewing
      const isKept = await renewing
      if (!this.isHeld) return
      if (isKept) return this.#renewLater(onLost)
      this.#let()
      onLost()
    }
    this.#cancelTimer = this.#clock.after(this.#leaseMs / 3, renew, { background: true })
  }

  async #renew(): Promise<boolean> {
    try {
      return await this.#notes.lead(this.#work, this.#holder, this.#leaseMs)
    } catch {
      return false // the store can't be reached, or does not answer: whoever comes first continues
    }
  }

  #let(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  /** Created when needed: edge runtimes have no random numbers outside of a request. */
  get #holder(): string {
    this.#holderName ??= crypto.randomUUID()
    return this.#holderName
  }
}
