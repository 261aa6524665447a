/** The placeholders of a statement that looks for waiting events. */
interface Placeholders {
  readonly source: string
  readonly limit: string
  /** Keys that run here. */
  readonly running: string
  /** Wanted types, or NULL for all. */
  readonly types: string
}

/** So many more are found than are taken: others may have locked some of them. */
const lockedByOthers = 1_024

/**
 * Finds the sequences of some events that wait for a process that has a handler for their type: they are parked, or scheduled until wanted. Of each
 * type they are the oldest, with and without an order key: to look for those of one kind alone, Postgres would read all of the other each time.
 *
 * Each wanted type is looked up in the index, and all types are read in its order: for several at once, or in the order of sequences, Postgres would
 * go through all that is kept, or all that waits.
 */
export function waitingSql(events: string, { source, limit, running, types }: Placeholders): string {
  const waits = `source = ${source} AND (rest = 'parked' OR until_wanted) AND key <> ALL (${running})`
  const most = `LIMIT (SELECT ${lockedByOthers} + ${limit}::bigint)` // not known as Postgres plans: see `takeSql`
  return `SELECT of_type.sequence FROM unnest(${types}::text[]) AS wanted CROSS JOIN LATERAL (
      SELECT sequence FROM ${events} WHERE ${waits} AND md5(type) = md5(wanted) ORDER BY sequence ${most}) AS of_type
    UNION ALL (SELECT sequence FROM ${events} WHERE ${types}::text[] IS NULL AND ${waits} ORDER BY md5(type), sequence ${most})`
}
