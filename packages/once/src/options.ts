import { OnceError } from './once-error.ts'
import type { Dialect } from './sql/dialect.ts'

const day = 24 * 3600_000

/** Where receipts are kept, and for how long. */
export interface OnceOptions {
  /**
   * The table of receipts: lower-case letters, digits and underscores. On Postgres its schema may precede: `app.receipts`. Defaults to
   * `hookport_receipts`.
   */
  table?: string
  /**
   * How long receipts are kept, in milliseconds. An event that is handled again after that has its effect again. So keep them for longer than dead
   * letters are kept and replays go back. `Infinity` keeps them for good. Defaults to 90 days.
   */
  keepReceiptsFor?: number
}

const defaults = { table: 'hookport_receipts', keepReceiptsFor: 90 * day }
/** Three centuries. Postgres can't calculate with much longer times. */
const forGood = 1e13
const tableName = /^([a-z_][a-z0-9_]{0,62}\.)?[a-z_][a-z0-9_]{0,59}$/

/** @throws {OnceError} `invalid_option` */
export function resolveOptions(given: OnceOptions, { name: dialect }: Dialect): Required<OnceOptions> {
  if (typeof given !== 'object')
    throw invalid(`the options are a ${typeof given}; they must be an object: { table, keepReceiptsFor }`)
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(defaults, name))
      throw invalid(`unknown option ${name}; the options are ${Object.keys(defaults).join(' and ')}`)
  }
  const { table = defaults.table, keepReceiptsFor = defaults.keepReceiptsFor } = given
  if (typeof table !== 'string' || !tableName.test(table))
    throw invalid(
      `table is ${foundTable(table)}; it must be a name of lower-case letters, digits and underscores, which its schema may precede: 'app.receipts'`,
    )
  if (dialect === 'sqlite' && table.includes('.'))
    throw invalid(
      `table is ${JSON.stringify(table)}; on SQLite it must be a name without a schema: a crash can commit to one of two attached files only, and then a receipt is lost`,
    )
  if (typeof keepReceiptsFor !== 'number' || !(keepReceiptsFor > 0))
    throw invalid(
      `keepReceiptsFor is ${String(keepReceiptsFor)}; it must be a number of milliseconds above 0, or Infinity`,
    )
  return { table, keepReceiptsFor: keepReceiptsFor < forGood ? keepReceiptsFor : Number.POSITIVE_INFINITY }
}

/** Tables of Drizzle and Kysely are objects that hold themselves, of which there is no JSON. */
function foundTable(table: unknown): string {
  if (typeof table === 'object' && table !== null) return 'an object'
  return typeof table === 'string' ? JSON.stringify(table) : String(table)
}

export function invalid(message: string): OnceError {
  return new OnceError('invalid_option', message)
}
