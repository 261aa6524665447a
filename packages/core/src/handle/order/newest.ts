import type { Attempt, Legacy, Verdict } from '../../contracts/inbox/handling.ts'
import { compareOrder, type NewestHandled, placeOf } from '../../contracts/inbox/order.ts'
import type { Progress } from '../../contracts/inbox/progress.ts'
import type { OrderOptions } from '../../contracts/receiver/order.ts'
import type { Handlers } from '../handlers.ts'

export interface OrderTools {
  readonly order: OrderOptions | undefined
  /** How long the newest handled event of a key is remembered, in milliseconds. */
  readonly dedupeWindow: number
  readonly handlers: Pick<Handlers, 'nameInOrder'>
}

/** Whether a handler has already succeeded with a newer event of the same order key. Then it skips this one. */
export function isOvertaken(
  handler: string,
  { event, newest, progress }: Attempt,
  { order, handlers }: OrderTools,
): boolean {
  if (order?.older !== 'skip' || newest === undefined || progress.outOfOrder) return false
  const last = newest[handlers.nameInOrder(handler)] ?? newest[handler] // as it was remembered when each type had a name of its own
  return last !== undefined && compareOrder(placeOf(event), last) < 0
}

/** Adds to a verdict what it leaves to later events of the order key. */
export function withLegacy(verdict: Verdict, attempt: Attempt, tools: OrderTools): Verdict {
  if (verdict.outcome === 'replace') return verdict
  const legacy = legacyOf(verdict.progress, attempt, tools)
  return legacy ? { ...verdict, legacy } : verdict
}

/** What the handlers that have succeeded leave to later events of the order key. Undefined if that is nothing new. */
export function legacyOf(
  { completed }: Progress,
  { event, newest = {} }: Attempt,
  tools: OrderTools,
): Legacy | undefined {
  if (event.orderKey === undefined || tools.order?.older !== 'skip') return undefined
  const place = placeOf(event)
  const later: NewestHandled = Object.fromEntries(
    completed
      .map((handler) => tools.handlers.nameInOrder(handler))
      .filter((handler) => newest[handler] === undefined || compareOrder(newest[handler], place) < 0)
      .map((handler) => [handler, place]),
  )
  if (Object.keys(later).length === 0) return undefined
  return { newest: { ...newest, ...later }, rememberMs: tools.dedupeWindow }
}
