import { OnceError } from '../once-error.ts'

/** Errors that wrap one another: of an ORM, its driver, the database. */
function chainOf(error: unknown): readonly Record<string, unknown>[] {
  const chain: Record<string, unknown>[] = []
  let current = error
  while (typeof current === 'object' && current !== null && chain.length < 8) {
    const one = current as Record<string, unknown>
    chain.push(one)
    const meta = one.meta as Record<string, unknown> | undefined
    current = one.cause ?? meta?.driverAdapterError ?? meta
  }
  return chain
}

/** The codes of all errors in a chain: SQLSTATE, the names that SQLite's drivers use, and Prisma's codes. */
function codesOf(error: unknown): readonly string[] {
  return chainOf(error).flatMap(({ code, originalCode }) =>
    [code, originalCode].filter((one) => typeof one === 'string'),
  )
}

/** SQLite's number. For extended codes, the primary part. */
function sqliteNumberOf(error: unknown): number | undefined {
  const found = chainOf(error).find(({ errcode, rawCode }) => typeof (errcode ?? rawCode) === 'number')
  return found && ((found.errcode ?? found.rawCode) as number) & 0xff
}

const conflicts = new Set(['40001', '40P01', 'P2034', 'TRANSACTION_ACTIVE'])
const busy = /^SQLITE_(BUSY|LOCKED)/

/** Whether the transaction failed because of others at the same time, so that a retry may succeed: serialization, deadlock, a locked file, no connection left. */
export function isConflict(error: unknown): boolean {
  const codes = codesOf(error)
  const number = sqliteNumberOf(error)
  return codes.some((code) => conflicts.has(code) || busy.test(code)) || number === 5 || number === 6
}

/** Explains the error of one of our own statements, with what to do, where it is known. */
export function explained(error: unknown, table: string): unknown {
  const codes = codesOf(error)
  const messages = chainOf(error).map(({ message }) => String(message))
  const says = (pattern: RegExp) => messages.some((message) => pattern.test(message))
  const tell = (code: OnceError['code'], message: string) => new OnceError(code, message, error)
  if (codes.includes('42P01') || says(/no such table/))
    return tell(
      'table_missing',
      `the table ${table} does not exist: call await once.migrate() at start, or run what once.sql() returns with your own migrations`,
    )
  const [schema = '', isWithin] = table.split('.')
  const usage = isWithin ? `, and usage on schema ${schema}` : ''
  if (codes.includes('42501'))
    return tell(
      'not_permitted',
      `the role of this connection has no right to ${table}: grant select, insert, update, delete on ${table} to it${usage}; to create the table, the role needs create on its schema, or another role runs what once.sql() returns`,
    )
  if (codes.includes('25006') || sqliteNumberOf(error) === 8 || says(/readonly database/))
    return tell(
      'read_only',
      `${table} can't be written, as the database is read-only: is it a standby? Give onceIn a connection to the primary`,
    )
  if (
    ['42703', '42P10', '42804'].some((code) => codes.includes(code)) ||
    says(/has no column named|ON CONFLICT clause does not match/)
  )
    return tell(
      'foreign_table',
      `${table} exists, but is not a table of receipts: give onceIn another name, { table: '…' }`,
    )
  return error
}

/** Explains why the end of a transaction failed, where it is known: `apply` caught the error of a statement, or has ended the transaction itself. */
export function explainedEnding(error: unknown): unknown {
  const codes = codesOf(error)
  if (codes.includes('25P02'))
    return new OnceError(
      'rolled_back',
      'a statement of apply failed, and the error was caught: Postgres then rolls back the whole transaction. Use a savepoint around a statement that may fail',
      error,
    )
  const hasEnded =
    codes.some((code) => code === '25P01' || code === '3B001') ||
    chainOf(error).some(({ message }) => /no such savepoint/.test(String(message)))
  return hasEnded ? transactionEnded(error) : error
}

export function transactionEnded(cause?: unknown): OnceError {
  return new OnceError(
    'transaction_ended',
    'apply, or something that it calls with tx, has sent BEGIN, COMMIT or ROLLBACK: what it wrote may stay without a receipt. Leave the transaction to once, and use a savepoint for a part that may fail',
    cause,
  )
}
