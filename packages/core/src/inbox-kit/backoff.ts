import type { Logger } from '../contracts/logger.ts'

const firstPauseMs = 100
const longestPauseMs = 5_000

/** Waits between attempts at something that fails. Logs once that it fails, and once that it works again. */
export class Backoff {
  readonly #logger: Logger
  readonly #trouble: string
  readonly #about: Record<string, unknown>
  #pauseMs = 0

  /** @param trouble what is wrong, as a line for the log. */
  constructor(logger: Logger, trouble: string, about: Record<string, unknown>) {
    this.#logger = logger
    this.#trouble = trouble
    this.#about = about
  }

  /** Milliseconds until the next attempt: 100, then twice as long each time, at most 5,000. */
  pauseAfter(error: unknown): number {
    if (this.#pauseMs === 0) this.#logger.error({ ...this.#about, err: error }, this.#trouble)
    this.#pauseMs = Math.min(this.#pauseMs * 2 || firstPauseMs, longestPauseMs)
    return this.#pauseMs
  }

  /** Logs that the trouble is over, if there was any, and starts again with short pauses. */
  isOver(): void {
    if (this.#pauseMs > 0) this.#logger.warn(this.#about, `${this.#trouble}: this is over`)
    this.#pauseMs = 0
  }
}
