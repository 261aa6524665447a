import { ConfigurationError } from '@hookport/core'

/** Why an inbox could not be opened on a file. */
export type SqliteFileProblem =
  | 'unreachable'
  | 'read_only'
  | 'not_a_database'
  | 'corrupt'
  | 'locked'
  | 'full'
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
