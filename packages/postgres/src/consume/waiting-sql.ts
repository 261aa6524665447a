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
 * Finds the sequences of the oldest events that wait for a process that has a handler for their type: they are parked, or scheduled until wanted. Each
 * wanted type is looked up in the index: for several at once, Postgres would go through all that is kept, dead letters too, in the order of sequences.
 */
export function waitingSql(
  events: string,
  { source, limit, running, types }: Placeholders,
  condition: string,
): string {
  const waits = `source = ${source} AND (rest = 'parked' OR until_wanted) AND ${condition} AND key <> ALL (${running})`
  const most = `LIMIT ${lockedByOthers} + ${limit}::bigint`
  return `SELECT of_type.sequence FROM unnest(${types}::text[]) AS wanted CROSS JOIN LATERAL (
      SELECT sequence FROM ${events} WHERE ${waits} AND md5(type) = md5(wanted) ORDER BY sequence ${most}) AS of_type
    UNION ALL (SELECT sequence FROM ${events} WHERE ${types}::text[] IS NULL AND ${waits} ORDER BY sequence ${most})`
}
