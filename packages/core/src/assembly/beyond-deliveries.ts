import type { TakeOn } from '../accept/take-on/put-event.ts'
import type { Clock } from '../contracts/clock.ts'
import type { DrainOptions } from '../contracts/receiver/drain.ts'
import { Expecting } from '../expect/expecting.ts'
import type { PlaceEvent } from '../handle/order/placing.ts'
import type { HandlingTools } from '../handle/turn/handle-event.ts'
import { within } from '../reconcile/ask/within.ts'
import { Reconciling } from '../reconcile/reconciling.ts'
import type { ResolvedOptions } from '../setup/options.ts'
import { allEnded } from '../time/awaitable.ts'

/** What a receiver does so that no event is missed, beside taking deliveries: reconciling and expectations. */
export class BeyondDeliveries {
  readonly reconciling: Reconciling
  readonly expecting: Expecting
  readonly #clock: Required<Clock>

  constructor(
    options: ResolvedOptions,
    tools: HandlingTools & { readonly put: TakeOn; readonly placeInOrder?: PlaceEvent | undefined },
  ) {
    const { put, observe, placeInOrder } = tools
    this.#clock = options.clock
    this.reconciling = new Reconciling(options, { put, observe, placeInOrder })
    this.expecting = new Expecting({ ...options, ...tools, reconciler: this.reconciling.reconciler })
  }

  /** Called when this process begins to handle events. */
  begin(): void {
    this.reconciling.begin()
    this.expecting.begin()
  }

  /**
   * Runs both within the time of the drain. Does nothing where a receiver has neither. Both at once: a provider that does not answer would use up
   * the time of every pass, and what is overdue would never be told.
   *
   * @returns whether expectations are left that are due.
   */
  async beforeDrain({ maxMs, signal }: Required<DrainOptions>): Promise<boolean> {
    if (this.reconciling.reconciler === undefined && !this.expecting.isSeenTo) return false
    return within(maxMs, [signal], this.#clock, async (over) => {
      const bounds = { maxMs, signal: over.signal }
      const expecting = this.expecting.drain(bounds)
      await allEnded([this.reconciling.beforeDrain(bounds), expecting])
      return expecting
    })
  }

  async stop(): Promise<void> {
    await allEnded([this.reconciling.stop(), this.expecting.stop()])
  }
}
