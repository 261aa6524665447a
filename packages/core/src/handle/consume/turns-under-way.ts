import { ShortLivedSet } from '../../collections/short-lived.ts'
import { untouched, type Work } from '../../contracts/inbox/handling.ts'
import { Limiter } from '../../time/limiter.ts'

/** The turns that run in this process, over all consumers of a receiver: at most `limit` at once. A consumer is never given an event of another's turn. */
export class TurnsUnderWay {
  readonly #limiter: Limiter
  readonly #keys = new ShortLivedSet<string>()

  constructor(limit: number) {
    this.#limiter = new Limiter(limit)
  }

  /** Keys of their events, including those that wait for a place. */
  get keys(): ReadonlySet<string> {
    return this.#keys.items
  }

  /** @param over once it is aborted, no turn begins. An event that is handed out after that is given back unchanged. */
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
