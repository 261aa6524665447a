import type { Awaitable } from './awaitable.ts'

/** Lets at most `limit` tasks run at once; the others wait in line. */
export class Limiter {
  readonly #limit: number
  readonly #line = new Set<() => void>()
  #running = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Continue once it answers true, and call `leave` at the end. It answers false if `over` is aborted while it waits. */
  enter(over?: AbortSignal): Awaitable<boolean> {
    if (this.#running === this.#limit) return this.#standInLine(over)
    this.#running += 1
    return true
  }

  leave(): void {
    const [next] = this.#line
    if (next === undefined) this.#running -= 1
    else next()
  }

  #standInLine(over: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (mayRun: boolean) => {
        this.#line.delete(next)
        over?.removeEventListener('abort', giveUp)
        resolve(mayRun)
      }
      const next = () => end(true)
      const giveUp = () => end(false)
      over?.addEventListener('abort', giveUp)
      this.#line.add(next)
    })
  }
}
