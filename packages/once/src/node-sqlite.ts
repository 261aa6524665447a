import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { makeOnce } from './make-once.ts'
import type { NoPromise, Once } from './once.ts'
import { invalid, type OnceOptions } from './options.ts'
import { guardedWork, otherIsOpen, sqlite } from './sql/sqlite.ts'
import { type Statement, textOf } from './sql/statement.ts'

export type * from './index.ts'

/**
 * `once` over a connection of `node:sqlite`, which is also `tx`. `apply` is synchronous, as two transactions on one connection must not interleave.
 *
 * @throws {OnceError} `invalid_option`
 */
export function onceIn(database: DatabaseSync, options?: OnceOptions): Once<DatabaseSync, NoPromise> {
  if (typeof database?.prepare !== 'function')
    throw invalid('onceIn of @hookport/once/node-sqlite needs a DatabaseSync of node:sqlite')
  const query = (statement: Statement) =>
    database.prepare(textOf(statement, '?')).all(...(statement.values as SQLInputValue[])).length
  return makeOnce<DatabaseSync, NoPromise>(
    {
      dialect: sqlite,
      counts: 'answers',
      isSynchronous: true,
      query,
      transaction: (work) => inTransaction(database, () => guardedWork(work)(database, query)),
    },
    options,
  )
}

function inTransaction(database: DatabaseSync, run: () => unknown): void {
  if (isWithinTransaction(database)) throw otherIsOpen()
  database.exec('begin immediate')
  try {
    run()
    database.exec('commit')
  } catch (error) {
    if (isWithinTransaction(database)) database.exec('rollback')
    throw error
  }
}

/** Node 22.13 does not know `isTransaction`. There a transaction without a statement is tried, which takes no lock. */
function isWithinTransaction(database: DatabaseSync): boolean {
  const { isTransaction } = database as { readonly isTransaction?: boolean }
  if (isTransaction !== undefined) return isTransaction
  try {
    database.exec('begin; commit')
    return false
  } catch {
    return true
  }
}
