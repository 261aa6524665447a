import type { StatementOnPool } from '../pool.ts'

type Read = (text: string) => unknown

/** The types that statements of the inbox answer with, by their OIDs. All others are read as text. */
const readers = new Map<number, Read>([
  [16, (text) => text === 't'], // bool
  [17, readBytes],
  [21, Number], // int2
  [23, Number], // int4
  [700, Number], // float4
  [701, Number], // float8
])

const asText: Read = (text) => text

/**
 * How values are read, for each statement of the inbox. An application sets parsers for its own queries, for all of its process:
 * `pg.types.setTypeParser(23, BigInt)`. What they return, the inbox can't use.
 */
export const ownTypes: StatementOnPool['types'] = { getTypeParser: (oid) => readers.get(oid) ?? asText }

/** In the format of `bytea_output`: hex, or the older escape. */
function readBytes(text: string): Buffer {
  if (text.startsWith('\\x')) return Buffer.from(text.slice(2), 'hex')
  const bytes = text.replace(/\\(\\|[0-7]{3})/g, (_, code) =>
    code === '\\' ? '\\' : String.fromCharCode(Number.parseInt(code, 8)),
  )
  return Buffer.from(bytes, 'latin1')
}
