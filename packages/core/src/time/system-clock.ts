import type { AsyncResource } from 'node:async_hooks'
import { nodeBuiltin } from '../bytes/node-builtin.ts'
import type { CancelTimer, Clock } from '../contracts/clock.ts'
import { ConfigurationError } from '../contracts/errors.ts'
import { timersEndWithRequest } from './timers-end-with-request.ts'

/** Longer timers of setTimeout fire at once (a signed 32-bit count of milliseconds, 24.8 days). */
const longestTimeoutMs = 2 ** 31 - 1

function startTimeout(delayMs: number, callback: () => void, options = { background: false }): CancelTimer {
  if (delayMs > longestTimeoutMs) return startLongTimeout(delayMs, callback, options)
  const timer = setTimeout(callback, delayMs)
  if (options.background) timer.unref?.() // in browsers and edge runtimes a timer is a number
  return () => clearTimeout(timer)
}

/** Runs one timer after another, each as long as setTimeout allows. */
function startLongTimeout(
  delayMs: number,
  callback: () => void,
  options: { readonly background: boolean },
): CancelTimer {
  const startRest = () => {
    cancel = startTimeout(delayMs - longestTimeoutMs, callback, options)
  }
  let cancel = startTimeout(longestTimeoutMs, startRest, options)
  return () => cancel()
}

/** A timer that was asked for in this turn of the event loop. */
interface Wish {
  readonly delayMs: number
  readonly callback: () => void
  readonly options: { readonly background: boolean }
  /** The async context of whoever asked for it. Undefined where the platform has none. */
  readonly context: AsyncResource | undefined
  /** Its index among the timers of this turn, or -1 once it was removed. */
  place: number
  cancel: CancelTimer
}

const nothingToCancel: CancelTimer = () => {}

let wishes: Wish[] = []

/** The one that was asked to start them. A test that fakes timers takes its own along when it ends, and never calls back then. */
let asked: typeof setImmediate | undefined

const Context = nodeBuiltin('node:async_hooks')?.AsyncResource

/**
 * As `startTimeout`, but the timer is only set at the end of this turn of the event loop. Most deadlines are cancelled within the turn, and setting
 * and cancelling a timer takes several times as long as a note of it. It is set in the async context of whoever asked for it, not in that of whoever
 * asked first in this turn.
 */
function startAfterTurn(delayMs: number, callback: () => void, options = { background: false }): CancelTimer {
  const context = Context && new Context('hookport.timer')
  const wish: Wish = { delayMs, callback, options, context, place: wishes.length, cancel: nothingToCancel }
  wishes.push(wish)
  if (asked !== setImmediate) {
    asked = setImmediate
    setImmediate(startTimers)
  }
  return () => {
    if (wish.place === -1) wish.cancel()
    else takeBack(wish)
  }
}

/** The last one takes its place. */
function takeBack(wish: Wish): void {
  const last = wishes.pop() as Wish
  if (last !== wish) {
    wishes[wish.place] = last
    last.place = wish.place
  }
  wish.place = -1
}

function startTimers(): void {
  const due = wishes
  wishes = []
  asked = undefined
  for (const wish of due) {
    wish.place = -1
    const { delayMs, callback, options, context } = wish
    wish.cancel = context
      ? context.runInAsyncScope(startTimeout, undefined, delayMs, callback, options)
      : startTimeout(delayMs, callback, options)
  }
}

const hasTurns = typeof setImmediate === 'function' && !timersEndWithRequest()

const systemTimers = { after: hasTurns ? startAfterTurn : startTimeout, elapsed: () => performance.now() }

/**
 * A clock with all methods. Defaults to the system clock. For inboxes.
 *
 * @throws {ConfigurationError} for one that does not tell the time.
 */
export function completeClock(clock?: Clock): Required<Clock> {
  if (clock === undefined) return { now: Date.now, ...systemTimers }
  if (typeof clock?.now !== 'function')
    throw new ConfigurationError('clock has no method now(); leave it out for the system clock')
  const now = () => clock.now()
  if (clock.after === undefined) return { now, ...systemTimers }
  return { now, after: clock.after.bind(clock), elapsed: clock.elapsed?.bind(clock) ?? now }
}
