import type { CancelTimer, Clock } from './clock.ts'
import { HandlerTimeoutError, InterruptedError } from './errors.ts'
import type { WebhookEvent } from './event.ts'
import type { HandlerContext, NamedHandler } from './handlers.ts'

interface HandlerLimits {
  readonly timeoutMs: number
  /** Aborted when the event's lease is lost. */
  readonly leaseSignal: AbortSignal
  readonly clock: Required<Clock>
}

/**
 * Runs one handler to its end, or to the end of its time.
 *
 * @throws what the handler throws; {HandlerTimeoutError} after `timeoutMs`; {InterruptedError} when the lease is lost.
 */
export async function runHandler(
  { handle }: NamedHandler,
  event: WebhookEvent,
  context: Omit<HandlerContext, 'signal'>,
  { timeoutMs, leaseSignal, clock }: HandlerLimits,
): Promise<void> {
  if (leaseSignal.aborted) throw leaseLost()
  const controller = new AbortController()
  let cancelTimeout: CancelTimer = () => {}
  let onLeaseLost = () => {}
  const cutOff = new Promise<never>((_, reject) => {
    const abort = (reason: Error) => {
      controller.abort(reason)
      reject(reason)
    }
    onLeaseLost = () => abort(leaseLost())
    cancelTimeout = clock.after(timeoutMs, () =>
      abort(new HandlerTimeoutError(`not done after ${timeoutMs} ms`)),
    )
    leaseSignal.addEventListener('abort', onLeaseLost, { once: true })
  })
  try {
    await Promise.race([handle(event, { ...context, signal: controller.signal }), cutOff])
  } finally {
    cancelTimeout()
    leaseSignal.removeEventListener('abort', onLeaseLost)
  }
}

function leaseLost(): InterruptedError {
  return new InterruptedError('the lease on the event was lost')
}
