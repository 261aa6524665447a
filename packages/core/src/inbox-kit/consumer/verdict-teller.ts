import type { Clock } from '../../contracts/clock.ts'
import type { Verdict } from '../../contracts/inbox/handling.ts'
import type { Logger } from '../../contracts/logger.ts'
import { Backoff } from '../backoff.ts'
import type { EventStore } from '../event-store.ts'
import type { HeldEvent } from './held-events.ts'

interface Telling {
  readonly store: EventStore
  readonly clock: Required<Clock>
  readonly logger: Logger
  /** The store did not take a verdict at the first attempt. */
  putAside(held: HeldEvent): void
}

/** Stores verdicts. It keeps trying as long as nobody else holds the event: a late verdict does no harm, and a lost one repeats the effect. */
export class VerdictTeller {
  /** Verdicts that the store did not take at the first attempt. */
  untold = 0
  /** From now on no verdict is stored. */
  hasGivenUp = false
  readonly #telling: Telling

  constructor(telling: Telling) {
    this.#telling = telling
  }

  /** Resolves once the verdict is stored, or no longer needed. True where the first attempt failed. */
  async tell(held: HeldEvent, verdict: Verdict): Promise<boolean> {
    const { taken, loss } = held
    const { store, clock, logger } = this.#telling
    const about = { key: taken.event.key, outcome: verdict.outcome }
    let trouble: Backoff | undefined
    held.isBeingConcluded = true
    while (!this.hasGivenUp && !loss.aborted) {
      try {
        const wasHeld = await store.conclude(taken, verdict)
        if (!wasHeld)
          logger.warn(
            about,
            'another process has taken the event, or it was removed from the store, so the result of this turn is void',
          )
        trouble?.isOver()
        break
      } catch (error) {
        held.isBeingConcluded = false
        if (!trouble) {
          this.untold += 1
          this.#telling.putAside(held)
        }
        trouble ??= new Backoff(logger, "the inbox can't be told how handling ended", about)
        const pauseMs = trouble.pauseAfter(error)
        await new Promise<void>((resolve) => clock.after(pauseMs, resolve))
      }
    }
    if (trouble) this.untold -= 1
    return trouble !== undefined
  }
}
