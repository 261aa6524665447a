import type { Attempt, Verdict, Work } from '../contracts/inbox/handling.ts'

/**
 * The turns under way in this process, whichever consumer of a receiver has taken their events: at most `limit` at once, and none that another
 * of them may be handed.
 */
export class Turns {
  readonly #limit: number
  readonly #keys = new Set<string>()
  readonly #line = new Set<() => void>()
  #running = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Of their events, those included that wait in line. */
  get keys(): ReadonlySet<string> {
    return this.#keys
  }

  /** @param over once it is aborted, no turn begins: events that are handed out then go back as they were. */
  counting(work: Work, over?: AbortSignal): Work {
    return async (attempt) => {
      const { key } = attempt.event
      if (over?.aborted) return untouched(attempt)
      this.#keys.add(key)
      try {
        if (this.#running < this.#limit) this.#running += 1
        else if (!(await this.#standInLine(over))) return untouched(attempt)
        try {
          return await work(attempt)
        } finally {
          this.#leave()
        }
      } finally {
        this.#keys.delete(key)
      }
    }
  }

  /** False where it was over before it was its turn. */
  #standInLine(over: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const giveUp = () => {
        this.#line.delete(next)
        resolve(false)
      }
      const next = () => {
        over?.removeEventListener('abort', giveUp)
        resolve(true)
      }
      over?.addEventListener('abort', giveUp)
      this.#line.add(next)
    })
  }

  #leave(): void {
    const [next] = this.#line
    if (next === undefined) {
      this.#running -= 1
      return
    }
    this.#line.delete(next)
    next()
  }
}

function untouched({ progress }: Attempt): Verdict {
  return { outcome: 'retry', delayMs: 0, progress, failures: [], attemptUsed: false, keepInterruptions: true }
}
