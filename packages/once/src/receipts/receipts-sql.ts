import { type OnceOptions, resolveOptions } from '../options.ts'
import { postgres } from '../sql/postgres.ts'
import { sqlite } from '../sql/sqlite.ts'
import { sqlOf } from './migration.ts'

/**
 * What makes the table of receipts, as `sql()` of `onceIn` has it, without a database.
 *
 * @throws {OnceError} `invalid_option` for a table that can't be named so.
 */
export function receiptsSql(
  dialect: 'postgres' | 'sqlite',
  options: Pick<OnceOptions, 'table'> = {},
): string {
  return sqlOf(dialect === 'postgres' ? postgres : sqlite, resolveOptions(options).table)
}
