import type { LeaseSignal } from '../contracts/inbox/handling.ts'

/** Says that a lease is lost, which hardly ever happens: an `AbortSignal` for each event would cost more than all else of its lease. */
export class LeaseLoss implements LeaseSignal {
  aborted = false
  #listeners: readonly (() => void)[] = []

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners = [...this.#listeners, listener]
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners = this.#listeners.filter((one) => one !== listener)
  }

  /** Tells all who listen, once. */
  tell(): void {
    if (this.aborted) return
    this.aborted = true
    for (const listener of this.#listeners) listener()
  }
}
