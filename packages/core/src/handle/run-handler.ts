import type { Clock } from '../contracts/clock.ts'
import { HandlerTimeoutError, InterruptedError } from '../contracts/errors.ts'
import type { WebhookEvent } from '../contracts/event.ts'
import type { HandlerContext } from '../contracts/handler.ts'
import type { Attempt, LeaseSignal } from '../contracts/inbox.ts'
import { bindLogger, type Logger } from '../contracts/logger.ts'
import { isPromise } from '../time/awaitable.ts'
import type { NamedHandler } from './handlers.ts'

export interface HandlerTools {
  /** How long a handler may run, in milliseconds. */
  readonly handlerTimeout: number
  readonly clock: Required<Clock>
  readonly logger: Logger
}

/**
 * Runs one handler to its end, or to the end of its time. There is nothing to wait for where it returns no promise.
 *
 * @throws what the handler throws; {HandlerTimeoutError} after `handlerTimeout`; {InterruptedError} when the lease is lost.
 */
export function runHandler(
  handler: NamedHandler,
  event: WebhookEvent,
  attempt: Attempt,
  tools: HandlerTools,
): Promise<void> | undefined {
  if (attempt.signal?.aborted) throw leaseLost()
  const aborting = new AbortController()
  const running = handler.handle(event, contextOf(handler, attempt, aborting.signal, tools.logger))
  return isPromise(running) ? untilCutOff(running, attempt.signal, aborting, tools) : undefined
}

function contextOf(
  { name: handler }: NamedHandler,
  { attempt, event: { provider, type, id } }: Attempt,
  signal: AbortSignal,
  logger: Logger,
): HandlerContext {
  return { attempt, signal, provider, handler, logger: bindLogger(logger, { provider, type, id, attempt }) }
}

/** Settles as `running` does, unless its time is up or the lease lost before: then it is aborted, and no longer waited for. */
function untilCutOff(
  running: PromiseLike<unknown>,
  leaseSignal: LeaseSignal | undefined,
  aborting: AbortController,
  { handlerTimeout, clock }: HandlerTools,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const cutOff = (reason: Error) => {
      stopWatching()
      aborting.abort(reason)
      reject(reason)
    }
    const onLeaseLost = () => cutOff(leaseLost())
    const cancelTimer = clock.after(handlerTimeout, () => cutOff(timedOut(handlerTimeout)), {
      background: true,
    })
    leaseSignal?.addEventListener('abort', onLeaseLost)
    function stopWatching(): void {
      cancelTimer()
      leaseSignal?.removeEventListener('abort', onLeaseLost)
    }
    running.then(
      () => {
        stopWatching()
        resolve()
      },
      (error) => {
        stopWatching()
        reject(error)
      },
    )
  })
}

function timedOut(handlerTimeout: number): HandlerTimeoutError {
  return new HandlerTimeoutError(`not done after ${handlerTimeout} ms`)
}

function leaseLost(): InterruptedError {
  return new InterruptedError('the lease on the event was lost')
}
