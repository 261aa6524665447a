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
  /** Runs one of our own queries. Its errors are explained, with what to do. */
  ours(query: Query): Query
  /** Called for every effect that was committed. */
  tookPlace(context: HandlerContext): void
}

/** Thrown within a transaction to roll it back: there is a receipt. */
const thereIsReceipt = new Error('this effect took place before')

/** The course of one effect: look for a receipt, load what it needs, then commit the effect with its receipt. */
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
          context.signal.throwIfAborted() // it may have waited for a connection, or for another's receipt
          const applied = apply(event, loaded, { tx, context })
          if (database.isSynchronous) assertNoPromise(applied, name)
          return andThen(applied, () => context.signal.throwIfAborted())
        }),
      { timeoutMs: context.handlerTimeout, signal: context.signal },
    )

  return async (event, context) => {
    const { signal, handlerTimeout } = context
    const effect = effectOf(event, name, context)
    const patience = { forMs: handlerTimeout / 2, signal }
    const find = () => ours(database.query)(findReceipt(table, effect))
    if (load && (await retryConflicts(find, patience)) > 0) return
    const loaded = await load?.(event, context)
    const tryOnce = () => {
      signal.throwIfAborted()
      return applyOnce(event, loaded, context, effect)
    }
    try {
      await retryConflicts(tryOnce, patience)
    } catch (error) {
      if (error === thereIsReceipt) return
      throw error
    }
    tookPlace(context)
  }
}

/** The function may have done half of its work, and the rest would be outside of the transaction. So this is an error that cannot be missed. */
function assertNoPromise(applied: unknown, name: string): void {
  if (!isPromise(applied)) return
  applied.then(undefined, () => {}) // nothing waits for it any more
  throw asynchronous(name)
}

export function asynchronous(name: string): OnceError {
  return new OnceError(
    'asynchronous',
    `apply of ${JSON.stringify(name)} is asynchronous: on this connection it must not return a promise, as other queries would run within its transaction meanwhile. Move asynchronous work to load`,
  )
}
