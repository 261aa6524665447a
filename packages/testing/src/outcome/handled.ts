import { type Delivered, logOf } from '../deliver.ts'
import type { FailedTurn, HandledTurn, Turn } from './event-log.ts'

export interface WaitOptions {
  /** Milliseconds of real time. Defaults to 5 s. */
  readonly within?: number
}

/** Of real time, whatever a test makes of the timers later. */
const { setTimeout, clearTimeout } = globalThis

/**
 * Resolves once all handlers of a delivered event have succeeded, retries included.
 *
 * @throws {Error} with the failures where it becomes a dead letter, where no handler takes it, and where nothing has come of it in time.
 */
export function handled(delivered: Delivered, options?: WaitOptions): Promise<HandledTurn> {
  return turnOf(delivered, 'handled', options, (turn) => {
    if (turn.outcome === 'handled') return turn
    if (turn.outcome === 'failed') return undefined
    if (turn.outcome === 'dead') throw new Error(`the event is a dead letter: ${reasonsOf(turn)}`)
    throw new Error(`no handler takes the event: it was ${turn.outcome === 'parked' ? 'parked' : 'dropped'}`)
  })
}

/**
 * Resolves with the first failure of a delivered event: tests of retries and dead letters wait for it.
 *
 * @throws {Error} where it is handled, where no handler takes it, and where nothing has come of it in time.
 */
export function failed(delivered: Delivered, options?: WaitOptions): Promise<FailedTurn> {
  return turnOf(delivered, 'failed', options, (turn) => {
    if (turn.outcome === 'failed' || turn.outcome === 'dead') return turn
    throw new Error(`the event did not fail: it was ${turn.outcome}`)
  })
}

/** @param judge answers the turn that is waited for; undefined for one to pass over. */
function turnOf<Wanted extends Turn>(
  delivered: Delivered,
  wanted: string,
  { within = 5_000 }: WaitOptions = {},
  judge: (turn: Turn) => Wanted | undefined,
): Promise<Wanted> {
  const { key, status, reason } = delivered
  const log = logOf(delivered)
  if (key === '')
    return Promise.reject(
      new Error(`nothing was taken on: it was answered ${status}${reason ? `, ${reason}` : ''}`),
    )
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
      reject(new Error(`${key} was not ${wanted} within ${within} ms: ${soFar(log.turnsOf(key))}`))
    }, within)
    for (const turn of log.turnsOf(key)) take(turn)
  })
}

function soFar(turns: readonly Turn[]): string {
  const last = turns.at(-1)
  if (last === undefined)
    return 'no handler has come to its end; with consume: false, await webhooks.drain() first'
  if (last.outcome !== 'failed') return `it was ${last.outcome}`
  const again =
    last.retryInMs === null
      ? 'the sender would send it again'
      : `it runs again in ${Math.round(last.retryInMs)} ms: move the clock`
  return `attempt ${last.attempt} failed (${reasonsOf(last)}), and ${again}`
}

function reasonsOf({ failures }: FailedTurn): string {
  return failures
    .map(({ handler, message }) => (handler === null ? message : `${handler}: ${message}`))
    .join('; ')
}
