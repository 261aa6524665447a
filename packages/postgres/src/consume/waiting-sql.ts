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
 * Finds the sequences of events that wait for a process that has a handler for their type: they are parked, or scheduled until wanted. Of each wanted
 * type they are the oldest. Each type is looked up in the index: for several at once, Postgres would go through all that is kept, dead letters too, in
 * the order of sequences.
 *
 * @param isOrdered those with an order key, which are rare, or those without. Where all types are wanted, the former are the oldest of all, so that
 * the events of a key come to their line in their order: then all that waits is read. The latter are read in the order of the index, as far as is needed.
 */
export function waitingSql(
  events: string,
  { source, limit, running, types }: Placeholders,
  isOrdered: boolean,
): string {
  // Postgres takes a CASE to be true of half of the rows. Before it has statistics, it takes IS NULL to be true of hardly any, and would sort them all.
  const isMeant = isOrdered ? 'order_key IS NOT NULL' : 'CASE WHEN order_key IS NULL THEN true END'
  const waits = `source = ${source} AND (rest = 'parked' OR until_wanted) AND ${isMeant} AND key <> ALL (${running})`
  const order = isOrdered ? 'sequence' : 'md5(type), sequence'
  const most = `LIMIT (SELECT ${lockedByOthers} + ${limit}::bigint)` // not known as Postgres plans: see `takeSql`
  return `SELECT of_type.sequence FROM unnest(${types}::text[]) AS wanted CROSS JOIN LATERAL (
      SELECT sequence FROM ${events} WHERE ${waits} AND md5(type) = md5(wanted) ORDER BY sequence ${most}) AS of_type
    UNION ALL (SELECT sequence FROM ${events} WHERE ${types}::text[] IS NULL AND ${waits} ORDER BY ${order} ${most})`
}
