import { untouched, type Work } from '../../contracts/inbox/handling.ts'
import { Limiter } from '../../time/limiter.ts'

/**
 * The turns under way in this process, whichever consumer of a receiver has taken their events: at most `limit` at once, and none that another
 * of them may be handed.
 */
export class TurnsUnderWay {
  readonly #limiter: Limiter
  readonly #keys = new Set<string>()

  constructor(limit: number) {
    this.#limiter = new Limiter(limit)
  }

  /** Keys of their events, those included that wait in line. */
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
        if (!(await this.#limiter.enter(over))) return untouched(attempt)
        try {
          return await work(attempt)
        } finally {
          this.#limiter.leave()
        }
      } finally {
        this.#keys.delete(key)
      }
    }
  }
}
