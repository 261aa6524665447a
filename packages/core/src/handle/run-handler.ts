import { HandlerTimeoutError, InterruptedError } from '../contracts/errors.ts'
import type { WebhookEvent } from '../contracts/event.ts'
import type { HandlerContext } from '../contracts/handler.ts'
import type { Attempt, EventRecord, LeaseSignal } from '../contracts/inbox.ts'
import { bindLogger, type Logger } from '../contracts/logger.ts'
import type { Deadlines } from '../time/deadlines.ts'
import { LazyAbort } from '../time/lazy-abort.ts'
import { isPromise } from '../time/when-ready.ts'
import type { NamedHandler } from './handlers.ts'

export interface HandlerTools {
  /** By which a handler has to be done. */
  readonly handlerDeadlines: Deadlines
  readonly logger: Logger
}

/**
 * Runs one handler to its end, or to the end of its time. There is nothing to wait for where it returns no promise.
 *
 * @throws what the handler throws; {HandlerTimeoutError} after `handlerTimeout`; {InterruptedError} when the lease is lost.
 */
export function runHandler(
  { handle }: NamedHandler,
  event: WebhookEvent,
  attempt: Attempt,
  tools: HandlerTools,
): Promise<void> | undefined {
  if (attempt.signal?.aborted) throw leaseLost()
  const aborting = new LazyAbort()
  const running: unknown = handle(event, new LazyContext(attempt, aborting, tools.logger))
  return isPromise(running) ? untilCutOff(running, attempt.signal, aborting, tools) : undefined
}

/** Settles as `running` does, unless its time is up or the lease lost before: then it is aborted, and no longer waited for. */
function untilCutOff(
  running: PromiseLike<unknown>,
  leaseSignal: LeaseSignal | undefined,
  aborting: LazyAbort,
  { handlerDeadlines }: HandlerTools,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const cutOff = (reason: Error) => {
      stopWatching()
      aborting.abort(reason)
      reject(reason)
    }
    const onLeaseLost = () => cutOff(leaseLost())
    const deadline = handlerDeadlines.set(() => cutOff(timedOut(handlerDeadlines.lengthMs)))
    leaseSignal?.addEventListener('abort', onLeaseLost)
    function stopWatching(): void {
      deadline.cancel()
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

/** Getters on a prototype, since an object literal with getters of its own costs a hidden class for every event. */
class LazyContext implements HandlerContext {
  readonly attempt: number
  readonly provider: string
  readonly #event: EventRecord
  readonly #aborting: LazyAbort
  readonly #logger: Logger

  constructor({ attempt, event }: Attempt, aborting: LazyAbort, logger: Logger) {
    this.attempt = attempt
    this.provider = event.provider
    this.#event = event
    this.#aborting = aborting
    this.#logger = logger
  }

  get signal(): AbortSignal {
    return this.#aborting.signal
  }

  get logger(): Logger {
    const { attempt, provider } = this
    const { type, id } = this.#event
    return bindLogger(this.#logger, { provider, type, id, attempt })
  }
}

function timedOut(handlerTimeout: number): HandlerTimeoutError {
  return new HandlerTimeoutError(`not done after ${handlerTimeout} ms`)
}

function leaseLost(): InterruptedError {
  return new InterruptedError('the lease on the event was lost')
}
