/** The names of the tables, as in statements. */
export interface Tables {
  readonly schema: string
  readonly layout: string
  readonly gate: string
  readonly ids: string
  readonly aliases: string
  readonly events: string
  readonly notes: string
  readonly leads: string
  readonly newest: string
  readonly sequence: string
}

const names = ['layout', 'gate', 'ids', 'aliases', 'events', 'notes', 'leads', 'newest'] as const

/** @param schema letters, digits and underscores. */
export function tablesIn(schema: string): Tables {
  const within = (name: string) => `"${schema}".${name}`
  const tables = Object.fromEntries(names.map((name) => [name, within(name)])) as Record<
    (typeof names)[number],
    string
  >
  return { schema, ...tables, sequence: within('events_sequence') }
}

/** The names of the tables, as in the catalogue. */
export const tableNames: readonly string[] = names
