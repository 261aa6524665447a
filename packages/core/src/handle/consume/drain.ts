import type { Clock } from '../../contracts/clock.ts'
import type { Consumer } from '../../contracts/inbox/handling.ts'
import type { DrainCounts, DrainOptions, DrainRouteOptions } from '../../contracts/receiver/drain.ts'
import type { Observations } from '../../contracts/receiver/observers.ts'
import { assertFitting, assertOptions, orLeftOut } from '../../options/option-table.ts'
import { defaultMaxMs, passLimits } from '../../options/pass-limits.ts'
import type { Consume } from './consumers.ts'

const limits = orLeftOut(passLimits)

const ofRoute: Record<keyof DrainRouteOptions, true> = { secret: true, maxMs: true }

const counted = ['handled', 'failed', 'dead', 'parked', 'unhandled'] as const satisfies (keyof Observations)[]

export interface DrainTools {
  readonly consume: Consume
  readonly clock: Required<Clock>
  /** Whether the receiver is being stopped, which ends drains. */
  isStopping(): boolean
  /** Whether the receiver was stopped, or another of its name has taken over: nothing may begin any more. */
  hasStopped(): boolean
  /** Called first. It may take half of the time. Answers whether it has left something that is due. */
  first(bounds: Required<DrainOptions>): Promise<boolean>
  /** Given its consumer as it begins, so that a receiver that is stopped can stop it. */
  onBegin(consumer: Consumer): void
}

/**
 * Handles due events with a consumer of its own, until none is due or the time is over. Handlers that still run then are waited for, up
 * to their `handlerTimeout`.
 */
export async function drain(options: DrainOptions, tools: DrainTools): Promise<DrainCounts> {
  const { maxMs, signal } = checkedDrainOptions(options)
  const counts = { handled: 0, failed: 0, dead: 0, parked: 0, unhandled: 0 }
  if (signal?.aborted) return { ...counts, more: true }
  const over = new AbortController()
  const end = () => over.abort()
  signal?.addEventListener('abort', end)
  const cancelTimer = tools.clock.after(maxMs, end, { background: true })
  let consumer: Consumer | undefined
  let more = true
  try {
    const isLeft = await tools.first({ maxMs: maxMs / 2, signal: over.signal })
    if (!tools.hasStopped()) {
      consumer = tools.consume({
        over: over.signal,
        observe(name) {
          const what = counted.find((one) => one === name)
          if (what !== undefined) counts[what] += 1
        },
      })
      tools.onBegin(consumer)
      more =
        !(await isIdleBefore(over.signal, consumer)) || isLeft || tools.isStopping() || tools.hasStopped()
    }
  } finally {
    cancelTimer()
    signal?.removeEventListener('abort', end)
    over.abort() // events that become due later are left too
    await consumer?.stop()
  }
  return { ...counts, more }
}

/** Whether a consumer has nothing left that is due, before its time is over. */
export function isIdleBefore(over: AbortSignal, consumer: Consumer): Promise<boolean> {
  return Promise.race([consumer.idle().then(() => true), aborted(over).then(() => false)])
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
}

/** @throws {ConfigurationError} for a misspelt option, and for a limit that can't work. */
function checkedDrainOptions(options: DrainOptions): {
  readonly maxMs: number
  readonly signal: AbortSignal | undefined
} {
  assertOptions(options, limits, 'drain')
  assertFitting(limits, options, 'drain: ')
  const { maxMs = defaultMaxMs, signal } = options
  return { maxMs, signal }
}

/**
 * The limit of a route for drains. Undefined for the default.
 *
 * @throws {ConfigurationError} for a misspelt option, and for a limit that can't work.
 */
export function checkedMaxMs(options: Partial<DrainRouteOptions>): number | undefined {
  assertOptions(options, ofRoute, 'drain')
  const { maxMs } = limits
  assertFitting({ maxMs }, options, 'drain: ')
  return options.maxMs
}
