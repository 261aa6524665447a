import type { Values } from './script-call.ts'
import { isTimeout } from './trouble.ts'

/** Of more arguments than this, in bytes, nothing is sent while it lasts. */
const mostBytes = 1024 * 1024

/**
 * The time in which Redis answers too late. What was sent can't be taken back: it stays in memory, and in the line, until it is answered. So not much
 * more is sent until Redis has answered a small call behind it. If that is late, too, the connection is given up, and the line with it. An answer in
 * time ends it at once: Redis answers in order, so the line has nothing older than that call.
 */
export class Silence {
  /** While it lasts. Each one is another object. */
  #now: object | undefined
  #sentBytes = 0

  /** @throws {Error} for what would be too much while it lasts. */
  assertRoomFor(values: Values): void {
    if (!this.#now) return
    const bytes = values.reduce<number>(
      (sum, value) => sum + (typeof value === 'number' ? 8 : value.length),
      0,
    )
    if (this.#sentBytes + bytes > mostBytes) throw lateError()
    this.#sentBytes += bytes
  }

  /** @param ask sends a small call. */
  async begin(ask: () => Promise<unknown>, giveUp: () => void): Promise<void> {
    if (this.#now) return
    const begun = {}
    this.#now = begun
    this.#sentBytes = 0
    const isLate = await ask().then(() => false, isTimeout) // another error is an answer
    if (this.#now !== begun) return
    if (isLate) giveUp()
    this.end()
  }

  /** A call was answered in time. */
  end(): void {
    this.#now = undefined
  }
}

export function lateError(cause?: unknown): Error {
  return new Error('Redis does not answer in time: it is overloaded, paused, frozen or out of reach', {
    cause,
  })
}
