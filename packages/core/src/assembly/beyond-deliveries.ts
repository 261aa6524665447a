import type { TakeOn } from '../accept/take-on/put-event.ts'
import type { DrainOptions } from '../contracts/receiver/drain.ts'
import { Expecting } from '../expect/expecting.ts'
import type { PlaceEvent } from '../handle/order/placing.ts'
import type { HandlingTools } from '../handle/turn/handle-event.ts'
import { Reconciling } from '../reconcile/reconciling.ts'
import type { ResolvedOptions } from '../setup/options.ts'

/** All that a receiver does beside deliveries, so that nothing is missed. */
export class BeyondDeliveries {
  readonly reconciling: Reconciling
  readonly expecting: Expecting

  constructor(
    options: ResolvedOptions,
    tools: HandlingTools & { readonly put: TakeOn; readonly placeInOrder?: PlaceEvent | undefined },
  ) {
    const { put, observe, placeInOrder } = tools
    this.reconciling = new Reconciling(options, { put, observe, placeInOrder })
    this.expecting = new Expecting({ ...options, ...tools, reconciler: this.reconciling.reconciler })
  }

  /** This process handles events from now on. */
  begin(): void {
    this.reconciling.begin()
    this.expecting.begin()
  }

  async beforeDrain(bounds: Required<DrainOptions>): Promise<void> {
    await this.reconciling.beforeDrain(bounds)
    await this.expecting.drain(bounds)
  }

  async stop(): Promise<void> {
    await Promise.all([this.reconciling.stop(), this.expecting.stop()])
  }
}
