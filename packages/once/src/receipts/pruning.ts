import type { HandlerContext } from '@hookport/core/types'
import type { Awaitable } from '../awaitable.ts'

const batch = 1_000
const intervalMs = 3600_000

/**
 * Deletes receipts that are too old: a batch after an effect, and the next batch an hour later, or after the next effect if there may be more. So it
 * needs no timer, and deletes nothing where nothing is written.
 */
export class Pruning {
  readonly #prune: (most: number) => Awaitable<number>
  #nextAt = 0

  /** @param prune deletes at most that many, and answers how many. */
  constructor(prune: (most: number) => Awaitable<number>) {
    this.#prune = prune
  }

  /** Nothing waits for this, and it does not fail. */
  effectTookPlace({ logger }: HandlerContext): void {
    if (performance.now() < this.#nextAt) return
    this.#nextAt = Number.POSITIVE_INFINITY // until this one has ended
    this.#some().then(
      (deleted) => this.#end(deleted === batch ? 0 : intervalMs),
      (err) => {
        this.#end(intervalMs)
        logger.warn({ err }, 'old receipts of effects could not be deleted; it is tried again in an hour')
      },
    )
  }

  /** Deletes all of them, and answers how many. Between two batches the process can do other work, also where a client is synchronous. */
  async all(): Promise<number> {
    let total = 0
    for (;;) {
      const deleted = await this.#some()
      total += deleted
      if (deleted < batch) return total
      await aTurn()
    }
  }

  async #some(): Promise<number> {
    return this.#prune(batch)
  }

  #end(pauseMs: number): void {
    this.#nextAt = performance.now() + pauseMs
  }
}

/** Waits one turn of the event loop. */
function aTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
