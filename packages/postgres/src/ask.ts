/** Runs a statement of a transaction, and answers its rows. */
export type Ask = <Row>(sql: string, values?: unknown[]) => Promise<Row[]>
