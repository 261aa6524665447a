import type { Statement } from './statement.ts'

/** The words in which databases differ. `table` is a name that was checked. */
export interface Dialect {
  readonly name: 'postgres' | 'sqlite'
  /** What makes the table of receipts, one statement each. */
  definitions(table: string): readonly Statement[]
  /** Lets one process at a time make the table. Left out where a transaction does. */
  readonly alone?: Statement
  /** Answers a row where the table is there. */
  findTable(table: string): Statement
  /** Deletes at most `most` receipts that are older, and answers a row for each. */
  prune(table: string, olderThanMs: number, most: number): Statement
}
