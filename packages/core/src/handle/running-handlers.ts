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

  constructor(clock: Required<Clock>, patienceMs: number, logger: Logger) {
    this.#clock = clock
    this.#patienceMs = patienceMs
    this.#logger = logger
  }

  /** Keys of their events. */
  get keys(): ReadonlySet<string> {
    return this.#keys
  }

  add(key: string, handler: string, running: PromiseLike<unknown>): void {
    this.#keys.add(key)
    const forget = () => {
      cancelTimer()
      this.#keys.delete(key)
    }
    const cancelTimer = this.#clock.after(
      this.#patienceMs,
      () => {
        this.#keys.delete(key)
        this.#logger.warn(
          { key, handler },
          'a handler that was aborted has not ended, and its event may be handled again meanwhile. Does it heed context.signal?',
        )
      },
      { background: true },
    )
    running.then(forget, forget)
  }
}
