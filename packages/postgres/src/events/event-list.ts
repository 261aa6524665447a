import type { EventPage, EventState, ListFilter } from '@hookport/core'
import type { Database } from '../connection/database.ts'
import type { Tables } from '../layout/tables.ts'
import { nowSql } from '../sql.ts'
import { encodeIfAny, inAscii, type SummaryRow, stateSql, summaryColumns, toSummary } from './event-row.ts'

/** How many events one call looks at, as on SQLite. With their bodies they are some 6 MB of a table, and take about 5 ms. */
const mostExamined = 5_000

/** The largest `bigint`. */
const afterAll = '9223372036854775807'

/** With a plan for few events, Postgres would read and sort all of them for each page. */
export const alongIndexes =
  'SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off'

interface Place {
  readonly sequence: string | null
}

/** A page of the events, as operators ask for them. A call looks at a limited number of events, and may find none before it answers with a cursor. */
export function listEvents(database: Database, filter: ListFilter): Promise<EventPage> {
  const { source, state, limit = 50, newestFirst } = filter
  const { tables } = database.layout
  const [start, end] = newestFirst ? [afterAll, '0'] : ['0', afterAll]
  const { cursor = start } = filter
  const ofSource = source === undefined ? null : inAscii(source)
  return database.transaction(async (ask) => {
    await ask(alongIndexes)
    const [bound] = await ask<Place>(boundSql(tables, filter), [cursor])
    const asked = [cursor, bound?.sequence ?? end, limit + 1, ofSource, ...matchesOf(filter)]
    const rows = await ask<SummaryRow>(listSql(tables, filter), asked)
    const items = rows.slice(0, limit).map(toSummary)
    let next: Place | undefined = rows.length > limit ? rows[limit - 1] : bound
    if (next === bound && bound !== undefined && isInLine(state))
      next = (await ask<Place>(onwardsSql(tables, filter), [cursor, bound.sequence, ofSource]))[0]
    return next?.sequence ? { items, cursor: next.sequence } : { items }
  })
}

function matchesOf({ tenant, type, receivedFrom, receivedBefore, idIncludes }: ListFilter) {
  return [
    encodeIfAny(tenant),
    encodeIfAny(type),
    receivedFrom ?? null,
    receivedBefore ?? null,
    encodeIfAny(idIncludes),
  ]
}

/** The last event that a call looks at, from `$1` on. No row where fewer are left. */
function boundSql({ events }: Tables, { state, newestFirst }: ListFilter): string {
  const { behind, order } = directionOf(newestFirst)
  const ofRest = isAtRest(state) ? `AND rest = '${state}'` : ''
  return `SELECT sequence::text AS sequence FROM ${events} events WHERE sequence ${behind} $1 ${ofRest}
    ORDER BY events.sequence ${order} OFFSET ${mostExamined - 1} LIMIT 1`
}

/**
 * `$1` the sequence after which the page begins, `$2` that up to which it goes, `$3` limit, `$4` source, `$5` tenant, `$6` type, `$7` and `$8` when
 * they were received, `$9` part of their ids. From `$4` on, NULL is any value.
 */
export function listSql({ events }: Tables, { state, newestFirst }: ListFilter): string {
  const { behind, upTo, order } = directionOf(newestFirst)
  return `SELECT ${summaryColumns} FROM ${events} events
    WHERE sequence ${behind} $1 AND sequence ${upTo} $2
      AND ($4::text IS NULL OR source = $4) AND ($5::text IS NULL OR tenant = $5) AND ($6::text IS NULL OR type = $6)
      AND ($7::float8 IS NULL OR received_at >= $7) AND ($8::float8 IS NULL OR received_at < $8)
      AND ($9::text IS NULL OR strpos(id, $9) > 0) ${isIn(state)}
    ORDER BY events.sequence ${order} LIMIT $3`
}

/** Events at rest are listed by an index of their own. */
function isIn(state: EventState | undefined): string {
  if (state === undefined) return ''
  return isAtRest(state) ? `AND rest = '${state}'` : `AND ${stateSql} = '${state}'`
}

/**
 * Where a search for events that are not at rest goes on, once it has looked at those from `$1` to `$2`. `$3` the source. Millions may be kept after
 * them: if none of these was meant, it goes on before the next one that is. NULL where there is none.
 */
function onwardsSql({ events }: Tables, { state, newestFirst }: ListFilter): string {
  const { behind, upTo, first, before } = directionOf(newestFirst)
  const ofSource = '($3::text IS NULL OR source = $3)'
  const ofLine = `${ofSource} AND sequence + 0 ${behind} $2` // plus 0, here and below: along the index of what is due, and not along the primary key
  const due = `SELECT sequence FROM ${events} WHERE due_at IS NOT NULL AND suspect IN (false, true) AND ${isDue(state)} AND ${ofLine}`
  const waiting = `SELECT sequence FROM ${events} WHERE rest = 'behind' AND ${ofLine}`
  const meant = state === 'pending' ? `${due} UNION ALL ${waiting}` : due
  return `SELECT CASE
    WHEN EXISTS (SELECT FROM ${events} events WHERE sequence ${behind} $1 AND sequence ${upTo} $2 AND ${ofSource} ${isIn(state)}) THEN $2
    ELSE (SELECT ${first}(sequence + 0) ${before} FROM (${meant}) meant) END::text AS sequence`
}

function isDue(state: EventState | undefined): string {
  const now = `(SELECT ${nowSql})`
  if (state === 'pending') return `due_at <= ${now}`
  return `due_at > ${now} AND lease_token IS ${state === 'active' ? 'NOT NULL' : 'NULL'}`
}

function directionOf(newestFirst = false) {
  return newestFirst
    ? { behind: '<', upTo: '>=', order: 'DESC', first: 'max', before: '+ 1' }
    : { behind: '>', upTo: '<=', order: 'ASC', first: 'min', before: '- 1' }
}

function isAtRest(state: EventState | undefined): boolean {
  return state === 'dead' || state === 'parked' || state === 'handled'
}

function isInLine(state: EventState | undefined): boolean {
  return state !== undefined && !isAtRest(state)
}
