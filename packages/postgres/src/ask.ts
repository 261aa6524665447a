import type { Statement } from './layout/stored-statement.ts'

/** Runs a statement of a transaction, and answers its rows. */
export type Ask = <Row>(statement: Statement, values?: unknown[]) => Promise<Row[]>
