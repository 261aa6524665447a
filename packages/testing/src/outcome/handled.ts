import timers from 'node:timers'
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

/** How often it is looked whether every handler has skipped an event, as nothing tells of that. */
const lookMs = 20

/** Real time, even if a test fakes the timers, or Jest has faked them for all tests. */
const { setTimeout, clearTimeout, setInterval, clearInterval } = timers

/**
 * Resolves once all handlers of a delivered event have succeeded, retries included. If several events were delivered in one body, all of them are
 * waited for, and the result is that of the first.
 *
 * @throws {Error} with the failures if it is a dead letter; also if no handler takes it, if all skip it, or if there is no result in time.
 */
export async function handled(delivered: Delivered, options?: WaitOptions): Promise<HandledTurn> {
  const judge = (turn: Turn): HandledTurn | undefined => {
    if (turn.outcome === 'handled') return turn
    if (turn.outcome === 'failed' && turn.retryInMs !== null) return undefined
    if (turn.outcome === 'failed')
      throw new Error(`the handlers failed, and the sender would send it again: ${reasonsOf(turn)}`)
    if (turn.outcome === 'dead') throw new Error(`the event is a dead letter: ${reasonsOf(turn)}`)
    const became = turn.outcome === 'parked' ? 'parked' : 'dropped'
    throw new Error(`no handler takes the event: it was ${became}. ${ofTypes(delivered)}`)
  }
  const pick = (turns: readonly Turn[]) => turns.at(-1)
  const [first] = await turnsOf(delivered, 'handled', options, { judge, pick }, (turns) => Promise.all(turns))
  return first as HandledTurn // there is at least one
}

/**
 * Resolves with the first failure of a delivered event: tests of retries and dead letters wait for it. If several events were delivered in one body,
 * it is that of any of them.
 *
 * @throws {Error} if it is handled, if no handler takes it, if all skip it, or if there is no result in time.
 */
export async function failed(delivered: Delivered, options?: WaitOptions): Promise<FailedTurn> {
  const judge = (turn: Turn): FailedTurn => {
    if (isFailure(turn)) return turn
    throw new Error(`the event did not fail: it was ${turn.outcome}`)
  }
  const pick = (turns: readonly Turn[]) => turns.find(isFailure) ?? turns.at(-1)
  return turnsOf(delivered, 'failed', options, { judge, pick }, anyOf)
}

async function anyOf<Value>(values: readonly Promise<Value>[]): Promise<Value> {
  try {
    return await Promise.any(values)
  } catch (error) {
    throw (error as AggregateError).errors[0]
  }
}

function isFailure(turn: Turn): turn is FailedTurn {
  return turn.outcome === 'failed' || turn.outcome === 'dead'
}

/** Which turn of an event is waited for. */
interface Wait<Wanted extends Turn> {
  /** Returns the wanted turn, or undefined for a turn to skip. */
  judge(turn: Turn): Wanted | undefined
  /** Returns the turn that counts, of those that are already there. */
  pick(known: readonly Turn[]): Turn | undefined
}

/** @param join makes one result of those of the events of the delivery. The others are no longer waited for then. */
async function turnsOf<Wanted extends Turn, Result>(
  delivered: Delivered,
  wanted: string,
  options: WaitOptions = {},
  wait: Wait<Wanted>,
  join: (turns: readonly Promise<Wanted>[]) => Promise<Result>,
): Promise<Result> {
  const { log, keys } = recordOf(delivered)
  assertOptions(options, { within: true }, wanted)
  const { within = 5_000 } = options
  if (!(within >= 0 && within <= longestTimerMs))
    throw new ConfigurationError(
      `${wanted}: within is ${within}; it must be a number of milliseconds, at most ${longestTimerMs}`,
    )
  const { status, reason } = delivered
  if (keys.length === 0)
    throw new Error(`nothing was taken on: the reply was ${status}${reason ? `, ${reason}` : ''}`)
  const leaving = new AbortController()
  try {
    return await join(keys.map((key) => turnOf(key, log, { wanted, within, left: leaving.signal }, wait)))
  } finally {
    leaving.abort()
  }
}

function turnOf<Wanted extends Turn>(
  key: string,
  log: EventLog,
  { wanted, within, left }: { wanted: string; within: number; left: AbortSignal },
  { judge, pick }: Wait<Wanted>,
): Promise<Wanted> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      stopListening()
      clearTimeout(timer)
      clearInterval(looking)
    }
    const fail = (error: unknown): void => {
      leave()
      reject(error)
    }
    const take = (turn: Turn): void => {
      try {
        const found = judge(turn)
        if (found === undefined) return
        leave()
        resolve(found)
      } catch (error) {
        fail(error)
      }
    }
    const look = async (): Promise<void> => {
      const skippers = await log.skippersOf(key).catch(() => [])
      if (skippers.length > 0) fail(new Error(skippedBy(skippers)))
    }
    const stopListening = log.listen(key, take)
    const looking = setInterval(() => void look(), lookMs)
    const timer = setTimeout(
      () => fail(new Error(`${key} was not ${wanted} within ${within} ms: ${soFar(log, key)}`)),
      within,
    )
    left.addEventListener('abort', leave)
    const known = pick(log.turnsOf(key))
    if (known) take(known)
    else void look()
  })
}

function skippedBy(handlers: readonly string[]): string {
  return `every handler skipped the event, as each has handled a newer one of its order key: ${handlers.join(', ')}`
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
  if (failures.length === 0) return 'no error: RetryLater, or a pause'
  return failures
    .map(({ handler, message }) => (handler === null ? message : `${handler}: ${message}`))
    .join('; ')
}
