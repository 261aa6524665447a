import { ConfigurationError, InboxClosedError } from '../contracts/errors.ts'
import type { ReconcileCounts, ReconcileOptions } from '../contracts/reconcile/reconcile.ts'
import type { Source } from '../contracts/reconcile/source.ts'
import { timersEndWithRequest } from '../time/timers-end-with-request.ts'
import type { Reconciler, ReconcilerOptions, ReconcilerTools } from './reconciler.ts'

export interface ReconcilingOptions extends Omit<ReconcilerOptions, 'reconcile'> {
  readonly reconcile: Source | undefined
}

/** Compares with the provider's list for a receiver, by the schedule and on demand. */
export class Reconciling {
  readonly #options: ReconcilingOptions
  /** Undefined where the receiver has no source. */
  readonly reconciler: Reconciler | undefined
  #stopped = false

  constructor(options: ReconcilingOptions, tools: ReconcilerTools) {
    const { reconcile } = options
    this.#options = options
    const make = reconcile?.makeReconciler as
      | ((options: ReconcilerOptions, tools: ReconcilerTools) => Reconciler)
      | undefined
    this.reconciler = reconcile && make?.({ ...options, reconcile }, tools)
  }

  /** Called when this process begins to handle events. It then also reconciles on its schedule, unless its timers end with requests. */
  begin(): void {
    if (!this.#stopped && !timersEndWithRequest()) this.reconciler?.start()
  }

  /**
   * @throws {ConfigurationError} for a limit that can't work, and where there is no source.
   * @throws {InboxClosedError} once the receiver was stopped.
   */
  async reconcile(options: ReconcileOptions): Promise<ReconcileCounts> {
    if (this.#stopped) throw new InboxClosedError('the receiver was stopped')
    if (this.reconciler === undefined)
      throw new ConfigurationError(
        'the receiver has no source: give it the option reconcile, with a source of @hookport/providers or one made by defineSource',
      )
    return this.reconciler.pass(options)
  }

  /** Reconciles at the start of a drain, where a pass is due. A failure does not end the drain. */
  async beforeDrain(options: ReconcileOptions): Promise<void> {
    try {
      await this.reconciler?.passIfDue(options)
    } catch (err) {
      this.#options.logger.error({ err, source: this.#options.name }, 'reconciling failed within a drain')
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.reconciler?.stop()
  }
}
