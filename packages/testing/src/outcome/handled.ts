import { assertOptions, ConfigurationError } from '@hookport/core'
import { type Delivered, recordOf } from '../deliver.ts'
import type { EventLog, FailedTurn, HandledTurn, Turn } from './event-log.ts'

/** How long to wait. */
export interface WaitOptions {
  /** Milliseconds of real time. Defaults to 5 s. */
  readonly within?: number
}

/** Longer timers of Node fire at once. */
const longestTimerMs = 2 ** 31 - 1

/** Real time, even if a test fakes the timers later. */
const { setTimeout, clearTimeout } = globalThis

/**
 * Resolves once all handlers of a delivered event have succeeded, retries included.
 *
 * @throws {Error} with the failures if it is a dead letter; also if no handler takes it, or if there is no result in time.
 */
export function handled(delivered: Delivered, options?: WaitOptions): Promise<HandledTurn> {
  const judge = (turn: Turn): HandledTurn | undefined => {
    if (turn.outcome === 'handled') return turn
    if (turn.outcome === 'failed' && turn.retryInMs !== null) return undefined
    if (turn.outcome === 'failed')
      throw new Error(`the handlers failed, and the sender would send it again: ${reasonsOf(turn)}`)
    if (turn.outcome === 'dead') throw new Error(`the event is a dead letter: ${reasonsOf(turn)}`)
    const became = turn.outcome === 'parked' ? 'parked' : 'dropped'
    throw new Error(`no handler takes the event: it was ${became}. ${ofTypes(delivered)}`)
  }
  return turnOf(delivered, 'handled', options, judge, (turns) => turns.at(-1))
}

/**
 * Resolves with the first failure of a delivered event: tests of retries and dead letters wait for it.
 *
 * @throws {Error} if it is handled, if no handler takes it, or if there is no result in time.
 */
export function failed(delivered: Delivered, options?: WaitOptions): Promise<FailedTurn> {
  const judge = (turn: Turn): FailedTurn => {
    if (isFailure(turn)) return turn
    throw new Error(`the event did not fail: it was ${turn.outcome}`)
  }
  return turnOf(delivered, 'failed', options, judge, (turns) => turns.find(isFailure) ?? turns.at(-1))
}

function isFailure(turn: Turn): turn is FailedTurn {
  return turn.outcome === 'failed' || turn.outcome === 'dead'
}

/**
 * @param judge returns the wanted turn, or undefined for a turn to skip.
 * @param pick returns the turn that counts, of those that are already there.
 */
async function turnOf<Wanted extends Turn>(
  delivered: Delivered,
  wanted: string,
  options: WaitOptions = {},
  judge: (turn: Turn) => Wanted | undefined,
  pick: (known: readonly Turn[]) => Turn | undefined,
): Promise<Wanted> {
  const { log, key } = recordOf(delivered)
  assertOptions(options, { within: true }, wanted)
  const { within = 5_000 } = options
  if (!(within >= 0 && within <= longestTimerMs))
    throw new ConfigurationError(
      `${wanted}: within is ${within}; it must be a number of milliseconds, at most ${longestTimerMs}`,
    )
  const { status, reason } = delivered
  if (key === '')
    throw new Error(`nothing was taken on: the reply was ${status}${reason ? `, ${reason}` : ''}`)
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const take = (turn: Turn): void => {
      try {
        const found = judge(turn)
        if (found === undefined) return
        resolve(found)
      } catch (error) {
        reject(error)
      }
      stopListening()
      clearTimeout(timer)
    }
    const stopListening = log.listen(key, take)
    timer = setTimeout(() => {
      stopListening()
      reject(new Error(`${key} was not ${wanted} within ${within} ms: ${soFar(log, key)}`))
    }, within)
    const known = pick(log.turnsOf(key))
    if (known) take(known)
  })
}

function soFar(log: EventLog, key: string): string {
  const last = log.turnsOf(key).at(-1)
  if (last?.outcome === 'failed')
    return `attempt ${last.attempt} failed (${reasonsOf(last)}), and it runs again in ${Math.round(last.retryInMs ?? 0)} ms: move the clock`
  if (last !== undefined) return `it was ${last.outcome}`
  const none = log.typesHandled().length === 0 ? ', as no type has one' : ''
  return `no handler has finished${none}; with consume: false, call webhooks.start() first`
}

/** A misspelt type is seen where it stands beside those that have handlers. */
function ofTypes(delivered: Delivered): string {
  const handled = recordOf(delivered).log.typesHandled().join(', ')
  return `Its type is ${delivered.events[0]?.type}; ${handled ? `there are handlers for ${handled}` : 'no type has a handler'}`
}

function reasonsOf({ failures }: FailedTurn): string {
  return failures
    .map(({ handler, message }) => (handler === null ? message : `${handler}: ${message}`))
    .join('; ')
}
