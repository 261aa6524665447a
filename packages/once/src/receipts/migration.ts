import type { Database, Query } from '../sql/database.ts'
import type { Dialect } from '../sql/dialect.ts'
import { retryConflicts } from '../sql/retry-conflicts.ts'

/** How long making the table may take: that of an empty one takes no time, but others may hold locks. */
const limits = { timeoutMs: 60_000, signal: new AbortController().signal }

/** Makes the table of receipts where it is not there. Of processes that start at once, one makes it. */
export async function migrate<Tx>(
  { query, transaction, dialect, isSynchronous }: Database<Tx>,
  ours: (query: Query) => Query,
  table: string,
): Promise<void> {
  if ((await ours(query)(dialect.findTable(table))) > 0) return // which takes fewer rights than to find that it need not be made
  const statements = [...(dialect.alone ? [dialect.alone] : []), ...dialect.definitions(table)]
  const make = () =>
    transaction((_, inside): void | Promise<void> => {
      const runs = statements.map((statement) => () => ours(inside)(statement))
      if (!isSynchronous) return oneByOne(runs)
      for (const run of runs) run()
    }, limits)
  await retryConflicts(make, { forMs: limits.timeoutMs, signal: limits.signal })
}

/** What makes the table, to be run by whoever may. */
export function sqlOf(dialect: Dialect, table: string): string {
  return dialect
    .definitions(table)
    .map(({ parts }) => `${parts.join('')};\n`)
    .join('')
}

async function oneByOne(runs: readonly (() => unknown)[]): Promise<void> {
  for (const run of runs) await run()
}
