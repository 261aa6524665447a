import type { LeaseSignal } from '../contracts/inbox/handling.ts'

/** Says that a lease is lost, which hardly ever happens: an `AbortSignal` for each event would cost more than all else of its lease. */
export class LeaseLoss implements LeaseSignal {
  #listeners: readonly (() => void)[] = []
  #isLost = false

  get aborted(): boolean {
    return this.#isLost
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners = [...this.#listeners, listener]
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners = this.#listeners.filter((one) => one !== listener)
  }

  /** Tells all who listen, once. */
  tell(): void {
    if (this.#isLost) return
    this.#isLost = true
    for (const listener of this.#listeners) listener()
  }
}
