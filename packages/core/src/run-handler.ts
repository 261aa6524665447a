import type { CancelTimer, Clock } from './clock.ts'
import { HandlerTimeoutError, InterruptedError } from './errors.ts'
import type { WebhookEvent } from './event.ts'
import type { HandlerContext, NamedHandler } from './handlers.ts'
import type { Attempt } from './inbox.ts'
import { LazyAbort } from './lazy-abort.ts'
import { bindLogger, type Logger } from './logger.ts'

export interface HandlerTools {
  readonly handlerTimeout: number
  readonly logger: Logger
  readonly clock: Required<Clock>
}

/**
 * Runs one handler to its end, or to the end of its time.
 *
 * @throws what the handler throws; {HandlerTimeoutError} after `handlerTimeout`; {InterruptedError} when the lease is lost.
 */
export async function runHandler(
  { handle }: NamedHandler,
  event: WebhookEvent,
  attempt: Attempt,
  { handlerTimeout, logger, clock }: HandlerTools,
): Promise<void> {
  if (attempt.signal.aborted) throw leaseLost()
  const aborting = new LazyAbort()
  let cancelTimeout: CancelTimer = () => {}
  let onLeaseLost = () => {}
  const cutOff = new Promise<never>((_, reject) => {
    const abort = (reason: Error) => {
      aborting.abort(reason)
      reject(reason)
    }
    onLeaseLost = () => abort(leaseLost())
    cancelTimeout = clock.after(handlerTimeout, () => abort(timedOut(handlerTimeout)))
    attempt.signal.addEventListener('abort', onLeaseLost, { once: true })
  })
  try {
    await Promise.race([handle(event, toContext(attempt, aborting, logger)), cutOff])
  } finally {
    cancelTimeout()
    attempt.signal.removeEventListener('abort', onLeaseLost)
  }
}

function toContext({ attempt, event }: Attempt, aborting: LazyAbort, logger: Logger): HandlerContext {
  const { provider, type, id } = event
  return {
    attempt,
    provider,
    get signal() {
      return aborting.signal
    },
    get logger() {
      return bindLogger(logger, { provider, type, id, attempt })
    },
  }
}

function timedOut(handlerTimeout: number): HandlerTimeoutError {
  return new HandlerTimeoutError(`not done after ${handlerTimeout} ms`)
}

function leaseLost(): InterruptedError {
  return new InterruptedError('the lease on the event was lost')
}
