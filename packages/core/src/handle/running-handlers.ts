import type { Clock } from '../contracts/clock.ts'
import type { Logger } from '../contracts/logger.ts'

/**
 * Handlers that were aborted and run on: they ignore their signal. Their events are not begun again in this process until they have settled,
 * or for as long as a handler may take once more.
 */
export class RunningHandlers {
  readonly #clock: Required<Clock>
  readonly #patienceMs: number
  readonly #logger: Logger
  readonly #keys = new Set<string>()
  readonly #howMany = new Map<string, number>()

  constructor(clock: Required<Clock>, patienceMs: number, logger: Logger) {
    this.#clock = clock
    this.#patienceMs = patienceMs
    this.#logger = logger
  }

  /** Keys of their events. */
  get keys(): ReadonlySet<string> {
    return this.#keys
  }

  add(key: string, handler: string, running: Promise<unknown>): void {
    this.#count(key, 1)
    let isWaitedFor = true
    const forget = () => {
      if (isWaitedFor) this.#count(key, -1)
      isWaitedFor = false
      cancelTimer()
    }
    const cancelTimer = this.#clock.after(
      this.#patienceMs,
      () => {
        forget()
        this.#logger.warn(
          { key, handler },
          'a handler that was aborted has not ended, and its event may be handled again meanwhile. Does it heed context.signal?',
        )
      },
      { background: true },
    )
    running.then(forget, forget)
  }

  /** Several handlers of one event may run on. */
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
