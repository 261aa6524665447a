import { setTimeout as sleep } from 'node:timers/promises'
import { isTimeout } from './trouble.ts'

/** Pause between two of the small calls. Each has waited for its reply before. */
const pauseMs = 10

/**
 * The time in which Redis answers too late. What was sent can't be taken back: it stays in memory, and in the line, until it is answered. So nothing
 * more is sent until Redis has answered a small call behind it.
 */
export class Silence {
  #lasts = false

  /** @throws {Error} while it lasts. */
  assertOver(): void {
    if (this.#lasts) throw lateError()
  }

  /** @param ask sends a small call. */
  begin(ask: () => Promise<unknown>): void {
    if (this.#lasts) return
    this.#lasts = true
    void this.#listen(ask)
  }

  /** An error is an answer too. If the connection is lost, so is the line. */
  async #listen(ask: () => Promise<unknown>): Promise<void> {
    const isLate = () => ask().then(() => false, isTimeout)
    while (await isLate()) await sleep(pauseMs)
    this.#lasts = false
  }
}

export function lateError(cause?: unknown): Error {
  return new Error('Redis does not answer in time: it is overloaded, paused, frozen or out of reach', {
    cause,
  })
}
