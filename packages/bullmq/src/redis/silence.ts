import { isTimeout } from './trouble.ts'

/**
 * The time in which Redis answers too late. What was sent can't be taken back: it stays in memory, and in the line, until it is answered. So nothing
 * more is sent until Redis has answered a small call behind it. If that is late, too, the connection is given up, and the line with it.
 */
export class Silence {
  #lasts = false

  /** @throws {Error} while it lasts. */
  assertOver(): void {
    if (this.#lasts) throw lateError()
  }

  /** @param ask sends a small call. */
  async begin(ask: () => Promise<unknown>, giveUp: () => void): Promise<void> {
    if (this.#lasts) return
    this.#lasts = true
    if (await ask().then(() => false, isTimeout)) giveUp() // another error is an answer
    this.#lasts = false
  }
}

export function lateError(cause?: unknown): Error {
  return new Error('Redis does not answer in time: it is overloaded, paused, frozen or out of reach', {
    cause,
  })
}
