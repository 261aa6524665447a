import { ShortLivedSet } from '../collections/short-lived.ts'
import type { Clock } from '../contracts/clock.ts'
import { untouched, type Work } from '../contracts/inbox/handling.ts'
import type { Logger } from '../contracts/logger.ts'
import { Limiter } from '../time/limiter.ts'

/**
 * Handlers that still run after they were aborted, as they ignore their signal. Their events are not begun again in this process until
 * they settle, or until another `handlerTimeout` has passed.
 */
export class RunningHandlers {
  readonly #clock: Required<Clock>
  readonly #patienceMs: number
  readonly #logger: Logger
  readonly #keys = new Set<string>()
  readonly #howMany = new Map<string, number>()
  readonly #waitedFor = new Set<{ readonly until: number; giveUp(): void }>()

  constructor(clock: Required<Clock>, patienceMs: number, logger: Logger) {
    this.#clock = clock
    this.#patienceMs = patienceMs
    this.#logger = logger
  }

  /** Keys of their events. Timers may be lost with the request that started them, so waits that are over end here too. */
  get keys(): ReadonlySet<string> {
    if (this.#waitedFor.size > 0) {
      const now = this.#clock.elapsed()
      for (const handler of this.#waitedFor) if (now >= handler.until) handler.giveUp()
    }
    return this.#keys
  }

  add(key: string, handler: string, running: Promise<unknown>): void {
    this.#count(key, 1)
    const forget = () => {
      if (this.#waitedFor.delete(waitedFor)) this.#count(key, -1)
      cancelTimer()
    }
    const giveUp = () => {
      forget()
      this.#logger.warn(
        { key, handler },
        'an aborted handler is still running, and its event may be handled again meanwhile. Does it obey context.signal?',
      )
    }
    const waitedFor = { until: this.#clock.elapsed() + this.#patienceMs, giveUp }
    this.#waitedFor.add(waitedFor)
    const cancelTimer = this.#clock.after(this.#patienceMs, giveUp, { background: true })
    running.then(forget, forget)
  }

  /** Several handlers of one event may still be running. */
  #count(key: string, change: 1 | -1): void {
    const howMany = (this.#howMany.get(key) ?? 0) + change
    if (howMany > 0) {
      this.#howMany.set(key, howMany)
      this.#keys.add(key)
    } else {
      this.#howMany.delete(key)
      this.#keys.delete(key)
    }
  }
}

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
