import type { EventRecord, PutOptions } from '@hookport/core'
import { encodeText } from '@hookport/core/inbox-kit'
import { isUntranslatable } from '../connection/kinds-of-error.ts'
import { encodeFailures, encodeIfAny, encodeMore, inAscii } from '../events/event-row.ts'

/** An event to put, as the values of its columns. If a value can't be written, this throws, and only this put fails. */
export interface PutRow {
  readonly key: string
  readonly source: string
  readonly tenant: string | null
  readonly id: string
  readonly type: string
  readonly createdAt: number
  readonly receivedAt: number
  readonly fingerprint: number
  readonly reconciled: boolean
  readonly rememberMs: number
  readonly unreadable: boolean
  readonly orderKey: string | null
  readonly orderRank: number
  readonly more: string | null
  readonly failures: string | null
  readonly rawBody: Uint8Array
  readonly aliases: readonly string[]
}

export function toPutRow(event: EventRecord, { rememberMs, failure }: PutOptions): PutRow {
  return {
    key: event.key,
    source: event.source,
    tenant: encodeIfAny(event.tenant),
    id: encodeText(event.id),
    type: encodeText(event.type),
    createdAt: event.createdAt,
    receivedAt: event.receivedAt,
    fingerprint: event.fingerprint,
    reconciled: event.origin === 'reconciled',
    rememberMs,
    unreadable: event.unreadable === true,
    orderKey: encodeIfAny(event.orderKey),
    orderRank: event.orderRank ?? 0,
    more: encodeMore(event),
    failures: failure ? encodeFailures([failure]) : null,
    rawBody: event.rawBody,
    aliases: event.aliases ?? [],
  }
}

/** Sends a row. If the encoding of the database lacks some of its characters, it is sent again in ASCII. */
export async function sendRow<Answer>(row: PutRow, send: (row: PutRow) => Promise<Answer>): Promise<Answer> {
  try {
    return await send(row)
  } catch (error) {
    if (!isUntranslatable(error)) throw error
    return send(rowInAscii(row))
  }
}

/** Its order key stays, as lines are found by it: where that has such characters, the row is refused again. */
function rowInAscii(row: PutRow): PutRow {
  const { id, type, tenant } = row
  return { ...row, id: inAscii(id), type: inAscii(type), tenant: tenant === null ? null : inAscii(tenant) }
}

const columns = [
  ['key', 'text'],
  ['source', 'text'],
  ['tenant', 'text'],
  ['id', 'text'],
  ['type', 'text'],
  ['createdAt', 'float8'],
  ['receivedAt', 'float8'],
  ['fingerprint', 'bigint'],
  ['reconciled', 'boolean'],
  ['rememberMs', 'float8'],
  ['unreadable', 'boolean'],
  ['orderKey', 'text'],
  ['orderRank', 'float8'],
  ['more', 'text'],
  ['failures', 'text'],
  ['rawBody', 'bytea'],
] as const satisfies readonly (readonly [keyof PutRow, string])[]

/** The rows of a statement as a table, each with its position as `ord`, from parameters $1 on. */
export const putRowsSql = `unnest(${columns.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ')}) WITH ORDINALITY
  AS rows (key, source, tenant, id, type, created_at, received_at, fingerprint, reconciled, remember_ms, unreadable, order_key, order_rank, more, failures, raw_body, ord)`

/** The other names of the rows, as `ord` and `name`. */
export const namesSql = `unnest($${columns.length + 1}::bigint[], $${columns.length + 2}::text[]) AS others (ord, name)`

/** The parameter types of both. */
export const putParameters: readonly string[] = [
  ...columns.map(([, type]) => `${type}[]`),
  'bigint[]',
  'text[]',
]

/** The parameter values of both: one array per column. */
export function valuesOf(rows: readonly PutRow[]): unknown[] {
  const valuesIn = (name: keyof PutRow) => rows.map((row) => row[name])
  const values = columns.map(([name]) => (name === 'rawBody' ? bytesOf(rows) : valuesIn(name)))
  return [...values, ...namesOf(rows)]
}

/** As the text of an array. Not every client can write bytes within one: that of `@neondatabase/serverless` does not take Node's for such. */
function bytesOf(rows: readonly PutRow[]): string {
  const hex = ({ rawBody: { buffer, byteOffset, length } }: PutRow) =>
    Buffer.from(buffer, byteOffset, length).toString('hex')
  return `{${rows.map((row) => `\\\\x${hex(row)}`).join(',')}}`
}

/** Two columns: positions of rows, from 1, and names. */
export function namesOf(rows: readonly { readonly aliases: readonly string[] }[]): [number[], string[]] {
  const ords = rows.flatMap(({ aliases }, index) => aliases.map(() => index + 1))
  return [ords, rows.flatMap(({ aliases }) => aliases)]
}
