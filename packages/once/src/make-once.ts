import { type Awaitable, isPromise } from './awaitable.ts'
import { checkSteps, HandlerNames } from './effect/checked-steps.ts'
import { effectHandler } from './effect/effect-handler.ts'
import type { Once, OnceHandler, ReceiptsOf } from './once.ts'
import { type OnceOptions, resolveOptions } from './options.ts'
import { migrate, sqlOf } from './receipts/migration.ts'
import { Pruning } from './receipts/pruning.ts'
import { receiptFinder, receiptWriter } from './receipts/receipts.ts'
import type { Database, Query } from './sql/database.ts'
import { explained } from './sql/database-errors.ts'
import { retryConflicts } from './sql/retry-conflicts.ts'

/** How long others may keep a query from running for which nobody waits but who called. */
const patience = { forMs: 5_000, signal: new AbortController().signal }

/** The part of `onceIn` that all clients share. */
export function makeOnce<Tx, Result>(database: Database<Tx>, given?: OnceOptions): Once<Tx, Result> {
  const { dialect, isSynchronous } = database
  const { table, keepReceiptsFor } = resolveOptions(given ?? {}, dialect)
  const ours =
    (query: Query): Query =>
    (statement) =>
      explaining(() => query(statement), table)
  const query: Query = (statement) => retryConflicts(() => ours(database.query)(statement), patience)
  const pruning = new Pruning((most) =>
    keepReceiptsFor === Number.POSITIVE_INFINITY ? 0 : query(dialect.prune(table, keepReceiptsFor, most)),
  )
  const names = new HandlerNames()
  const tools = {
    database,
    table,
    ours,
    writeReceipt: receiptWriter(table, database.counts),
    tookPlace: pruning.effectTookPlace.bind(pruning),
  }

  function once(name: string, given: unknown): OnceHandler {
    const steps = checkSteps<Tx>(name, given, isSynchronous)
    names.add(name)
    return Object.assign(effectHandler(name, steps, tools), { handlerName: name })
  }
  const methods = {
    migrate: () => migrate(database, ours, table),
    sql: () => sqlOf(dialect, table),
    receipts: (event: ReceiptsOf) => receiptFinder(query, table)(event, names.all),
    prune: () => pruning.all(),
  }
  return Object.assign(once, methods) as Once<Tx, Result>
}

/** Runs one of our own queries, and explains its errors. */
function explaining<Value>(run: () => Awaitable<Value>, table: string): Awaitable<Value> {
  const explain = (error: unknown): never => {
    throw explained(error, table)
  }
  try {
    const answer = run()
    return isPromise(answer) ? answer.then((value) => value as Value, explain) : answer
  } catch (error) {
    return explain(error)
  }
}
