import { OnceError } from './once-error.ts'

const day = 24 * 3600_000

/** Where receipts are kept, and for how long. */
export interface OnceOptions {
  /** The table of receipts, with or without its schema: lower-case letters, digits and underscores. Defaults to `hookport_receipts`. */
  table?: string
  /**
   * How long receipts are kept, in milliseconds. An event that is handled again after that has its effect again. So keep them for longer than dead
   * letters are kept and replays go back. `Infinity` keeps them for good. Defaults to 90 days.
   */
  keepReceiptsFor?: number
}

const defaults = { table: 'hookport_receipts', keepReceiptsFor: 90 * day }
const tableName = /^([a-z_][a-z0-9_]{0,62}\.)?[a-z_][a-z0-9_]{0,59}$/

/** @throws {OnceError} `invalid_option` */
export function resolveOptions(given: OnceOptions): Required<OnceOptions> {
  if (typeof given !== 'object')
    throw invalid(`the options are a ${typeof given}; they must be an object: { table, keepReceiptsFor }`)
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(defaults, name))
      throw invalid(`unknown option ${name}; the options are ${Object.keys(defaults).join(' and ')}`)
  }
  const { table = defaults.table, keepReceiptsFor = defaults.keepReceiptsFor } = given
  if (typeof table !== 'string' || !tableName.test(table))
    throw invalid(
      `table is ${JSON.stringify(table)}; it must be a name of lower-case letters, digits and underscores, which its schema may precede: 'app.receipts'`,
    )
  if (typeof keepReceiptsFor !== 'number' || !(keepReceiptsFor > 0))
    throw invalid(
      `keepReceiptsFor is ${String(keepReceiptsFor)}; it must be a number of milliseconds above 0, or Infinity`,
    )
  return { table, keepReceiptsFor }
}

export function invalid(message: string): OnceError {
  return new OnceError('invalid_option', message)
}
