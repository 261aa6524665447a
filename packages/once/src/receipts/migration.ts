import type { Database, Query } from '../sql/database.ts'
import type { Dialect } from '../sql/dialect.ts'
import { retryConflicts } from '../sql/retry-conflicts.ts'

/** How long creating the table may take. An empty table takes no time, but others may hold locks. */
const limits = { timeoutMs: 60_000, forMs: 60_000, signal: new AbortController().signal }

/** Creates the table of receipts if it does not exist. If several processes start at once, one creates it. */
export async function migrate<Tx>(
  { query, transaction, dialect, isSynchronous }: Database<Tx>,
  ours: (query: Query) => Query,
  table: string,
): Promise<void> {
  const find = () => ours(query)(dialect.findTable(table))
  if ((await retryConflicts(find, limits)) > 0) return // this needs fewer rights than CREATE TABLE IF NOT EXISTS
  const statements = [...(dialect.alone ? [dialect.alone] : []), ...dialect.definitions(table)]
  const make = () =>
    transaction((_, inside): void | Promise<void> => {
      const runs = statements.map((statement) => () => ours(inside)(statement))
      if (!isSynchronous) return oneByOne(runs)
      for (const run of runs) run()
    }, limits)
  await retryConflicts(make, limits)
}

/** The SQL that creates the table, for a role that is allowed to. */
export function sqlOf(dialect: Dialect, table: string): string {
  return dialect
    .definitions(table)
    .map(({ parts }) => `${parts.join('')};\n`)
    .join('')
}

async function oneByOne(runs: readonly (() => unknown)[]): Promise<void> {
  for (const run of runs) await run()
}
