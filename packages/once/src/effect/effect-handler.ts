import type { HandlerContext, WebhookEvent } from '@hookport/core/types'
import { andThen, isPromise } from '../awaitable.ts'
import type { Steps } from '../once.ts'
import { OnceError } from '../once-error.ts'
import { type Effect, effectOf } from '../receipts/effect.ts'
import { findReceipt, type WriteReceipt } from '../receipts/receipts.ts'
import type { Database, Query } from '../sql/database.ts'
import { retryConflicts } from '../sql/retry-conflicts.ts'

export interface EffectTools<Tx> {
  readonly database: Database<Tx>
  readonly table: string
  readonly writeReceipt: WriteReceipt
  /** A query of ours: what it fails with is put into words that say what to do. */
  ours(query: Query): Query
  /** Told of every effect that was committed. */
  tookPlace(context: HandlerContext): void
}

/** Thrown within a transaction to have it rolled back: there is a receipt. */
const thereIsReceipt = new Error('this effect took place before')

/** The life of one effect: is it there, load what it needs, and have it with its receipt. */
export function effectHandler<Tx>(
  name: string,
  { load, apply }: Steps<WebhookEvent, unknown, Tx, unknown>,
  { database, table, ours, writeReceipt, tookPlace }: EffectTools<Tx>,
): (event: WebhookEvent, context: HandlerContext) => Promise<void> {
  const applyOnce = (event: WebhookEvent, loaded: unknown, context: HandlerContext, effect: Effect) =>
    database.transaction(
      (tx, query) =>
        andThen(writeReceipt(ours(query), effect), (isFirst) => {
          if (!isFirst) throw thereIsReceipt
          const applied = apply(event, loaded, { tx, context })
          if (database.isSynchronous) assertNoPromise(applied, name)
          return andThen(applied, () => context.signal.throwIfAborted())
        }),
      { timeoutMs: context.handlerTimeout, signal: context.signal },
    )

  return async (event, context) => {
    const { signal, handlerTimeout } = context
    const effect = effectOf(event, name, context)
    if (load && (await ours(database.query)(findReceipt(table, effect))) > 0) return
    const loaded = await load?.(event, context)
    const tryOnce = () => {
      signal.throwIfAborted()
      return applyOnce(event, loaded, context, effect)
    }
    try {
      await retryConflicts(tryOnce, { forMs: handlerTimeout / 2, signal })
    } catch (error) {
      if (error === thereIsReceipt) return
      throw error
    }
    tookPlace(context)
  }
}

/** By now it may have run half of its way, and what it does later is outside of the transaction: an error that nobody can overlook. */
function assertNoPromise(applied: unknown, name: string): void {
  if (!isPromise(applied)) return
  applied.then(undefined, () => {}) // nobody waits for it any more
  throw asynchronous(name)
}

export function asynchronous(name: string): OnceError {
  return new OnceError(
    'asynchronous',
    `apply of ${JSON.stringify(name)} is asynchronous: on this connection it must return no promise, as whatever else ran meanwhile would be within its transaction. Do in load what has to be waited for`,
  )
}
