/** Names of the tables, as they are written in statements. */
export interface Tables {
  readonly schema: string
  readonly layout: string
  readonly gate: string
  readonly ids: string
  readonly aliases: string
  readonly events: string
  readonly sequence: string
}

const names = ['layout', 'gate', 'ids', 'aliases', 'events'] as const

/** @param schema letters, digits and underscores. */
export function tablesIn(schema: string): Tables {
  const within = (name: string) => `"${schema}".${name}`
  const [layout, gate, ids, aliases, events] = names.map(within) as [string, string, string, string, string]
  return { schema, layout, gate, ids, aliases, events, sequence: within('events_sequence') }
}

/** As they are called in the catalogue. */
export const tableNames: readonly string[] = names
