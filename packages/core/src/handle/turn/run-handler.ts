import type { Clock } from '../../contracts/clock.ts'
import { HandlerTimeoutError, InterruptedError } from '../../contracts/errors.ts'
import type { WebhookEvent } from '../../contracts/event.ts'
import type { Attempt, LeaseSignal } from '../../contracts/inbox/handling.ts'
import { bindLogger, type Logger } from '../../contracts/logger.ts'
import type { Provider } from '../../contracts/provider/provider.ts'
import type { HandlerContext } from '../../contracts/receiver/handler.ts'
import { redactedError } from '../../redact/redacted-error.ts'
import type { Redaction } from '../../redact/redaction.ts'
import { type Awaitable, isPromise } from '../../time/awaitable.ts'
import type { RunningHandlers } from '../events-under-way.ts'
import type { NamedHandler } from '../handlers.ts'

export interface HandlerTools {
  /** How long a handler may run, in milliseconds. */
  readonly handlerTimeout: number
  readonly clock: Required<Clock>
  readonly logger: Logger
  readonly provider: Pick<Provider, 'name'>
  /** Records handlers that still run after they were aborted. */
  readonly running: RunningHandlers
  /** The redacted values of events. */
  readonly redact: Redaction
}

/**
 * Runs one handler to its end, or to the end of its time. It does not wait if the handler returns no promise.
 *
 * @throws what the handler throws; {HandlerTimeoutError} after `handlerTimeout`; {InterruptedError} when the lease is lost.
 */
export function runHandler(
  handler: NamedHandler,
  event: WebhookEvent,
  attempt: number,
  { signal, event: { key }, progress: { replay } }: Attempt,
  tools: HandlerTools,
): Awaitable<void> {
  if (signal?.aborted) throw leaseLost()
  const aborting = new AbortController()
  const returned = handler.handle(event, contextOf(handler, event, attempt, replay, aborting.signal, tools))
  if (!isPromise(returned)) return
  const running = asPromise(returned)
  const onCutOff = () => tools.running.add(key, handler.name, running)
  return untilCutOff(running, signal, aborting, onCutOff, tools)
}

/** The same with redaction: the values are removed from what is thrown before anybody is told of it. */
export function runRedacted(
  handler: NamedHandler,
  event: WebhookEvent,
  number: number,
  attempt: Attempt,
  tools: HandlerTools,
): Awaitable<void> {
  const fail = (error: unknown): never => {
    throw redactedError(error, attempt.event, tools.redact)
  }
  try {
    const running = runHandler(handler, event, number, attempt, tools)
    return isPromise(running) ? running.then(undefined, fail) : running
  } catch (error) {
    return fail(error)
  }
}

/** A `then` of the application may throw. */
function asPromise(returned: PromiseLike<unknown>): Promise<unknown> {
  const isPlain = returned instanceof Promise && returned.then === Promise.prototype.then
  return isPlain ? returned : new Promise((resolve) => resolve(returned))
}

function contextOf(
  { name: handler }: NamedHandler,
  { type, id }: WebhookEvent,
  attempt: number,
  replay: string | undefined,
  signal: AbortSignal,
  { logger, provider, handlerTimeout }: HandlerTools,
): HandlerContext {
  const about = { provider: provider.name, type, id, attempt }
  return {
    attempt,
    signal,
    provider: provider.name,
    handler,
    handlerTimeout,
    replay,
    logger: bindLogger(logger, about),
  }
}

/** Settles as `running` does. If its time is over or the lease is lost before, it is aborted, and no longer waited for. */
function untilCutOff(
  running: Promise<unknown>,
  leaseSignal: LeaseSignal | undefined,
  aborting: AbortController,
  onCutOff: () => void,
  { handlerTimeout, clock }: HandlerTools,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const cutOff = (reason: Error) => {
      stopWatching()
      onCutOff()
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
