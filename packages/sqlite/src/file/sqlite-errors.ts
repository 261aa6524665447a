import { ConfigurationError } from '@hookport/core'

/** Why an inbox could not be opened on a file. */
export type SqliteFileProblem =
  | 'unreachable'
  | 'read_only'
  | 'not_a_database'
  | 'corrupt'
  | 'locked'
  | 'full'
  | 'disk_error'
  | 'newer_schema'
  | 'foreign'
  | 'no_wal'

/** The database file can't be used. Thrown at construction; the message says what to do. */
export class SqliteFileError extends ConfigurationError {
  readonly problem: SqliteFileProblem
  readonly path: string

  constructor(problem: SqliteFileProblem, path: string, message: string, cause?: unknown) {
    super(`sqliteInbox: ${path} ${message}`, { cause })
    this.problem = problem
    this.path = path
  }
}

/** The primary result codes of SQLite that an inbox reacts to. https://www.sqlite.org/rescode.html */
export const resultCode = {
  /** Of a statement that does not fit the tables. */
  otherTables: 1,
  busy: 5,
  readOnly: 8,
  diskError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const

/** The primary result code of an error from SQLite. 0 for any other error. */
export function resultCodeOf(error: unknown): number {
  const { errcode } = Object(error) as { readonly errcode?: number }
  return Number(errcode) & 0xff // the upper bits are the extended code
}
