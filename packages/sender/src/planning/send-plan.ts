import type { DeliverOptions, Delivery, Sender } from '../sending/create-sender.ts'
import type { PlannedDelivery, Volley } from './planned-delivery.ts'

/** How a plan is sent. */
export interface SendPlanOptions {
  /** How many volleys may be sent at once. Defaults to 1. */
  concurrency?: number | undefined
  /** As in `sender.deliver`. Defaults to true: retries by the schedule. */
  retry?: DeliverOptions['retry']
  /** Called with every delivery when it has ended. */
  onDelivery(delivery: Delivery, planned: PlannedDelivery): void
  /** When it is aborted, no further delivery is sent. */
  signal?: AbortSignal | undefined
}

/** Sends a plan. Resolves when the last delivery has ended. Rejects with `RangeError` for a concurrency that can't be. */
export async function sendPlan(
  sender: Sender,
  plan: Iterable<Volley>,
  options: SendPlanOptions,
): Promise<void> {
  const { concurrency = 1, retry, onDelivery, signal } = options
  // With 0 of them nothing would be sent, and a test would see nothing refused.
  if (!Number.isSafeInteger(concurrency) || concurrency < 1)
    throw new RangeError(`concurrency must be a whole number of 1 or more: ${concurrency}`)
  const volleys = plan[Symbol.iterator]()

  /** Within a volley too: who aborts may have closed the sender. */
  const send = async (planned: PlannedDelivery) => {
    if (signal?.aborted) return
    await onDelivery(await sender.deliver(planned.request, { retry }), planned)
  }

  async function lane(): Promise<void> {
    for (let next = volleys.next(); !next.done && !signal?.aborted; next = volleys.next()) {
      const { deliveries, atOnce } = next.value
      if (atOnce) await Promise.all(deliveries.map(send))
      else for (const planned of deliveries) await send(planned)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
}
