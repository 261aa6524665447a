import { type OnceOptions, resolveOptions } from '../options.ts'
import { postgres } from '../sql/postgres.ts'
import { sqlite } from '../sql/sqlite.ts'
import { sqlOf } from './migration.ts'

/**
 * The SQL that creates the table of receipts, as `sql()` of `onceIn` does, without a database.
 *
 * @throws {OnceError} `invalid_option` for a name that a table can't have.
 */
export function receiptsSql(
  dialect: 'postgres' | 'sqlite',
  options: Pick<OnceOptions, 'table'> = {},
): string {
  const itsDialect = dialect === 'postgres' ? postgres : sqlite
  return sqlOf(itsDialect, resolveOptions(options, itsDialect).table)
}
