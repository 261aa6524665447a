import type { Statement } from './statement.ts'

/** The SQL in which databases differ. `table` is a checked name. */
export interface Dialect {
  readonly name: 'postgres' | 'sqlite'
  /** The statements that create the table of receipts. */
  definitions(table: string): readonly Statement[]
  /** Lets one process at a time create the table. Left out where a transaction does that. */
  readonly alone?: Statement
  /** Answers a row where the table exists. */
  findTable(table: string): Statement
  /** Deletes at most `most` receipts that are older, and answers a row for each. */
  prune(table: string, olderThanMs: number, most: number): Statement
}
