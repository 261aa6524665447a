import { interruptionsUntilAlone, type TakeRequest } from '@hookport/core/inbox-kit'
import { type RecordRow, recordColumns } from '../events/event-row.ts'
import type { Layout } from '../layout/layout.ts'
import { type StoredStatement, storedStatement } from '../layout/stored-statement.ts'
import { isAmong, momentOf } from '../sql.ts'
import { heldSql, verdictParameters, verdictParts } from './verdict-sql.ts'
import { waitingSql } from './waiting-sql.ts'

/** An event that was taken, parked or dropped. */
export interface TakenRow extends RecordRow {
  readonly outcome: 'taken' | 'parked' | 'dropped'
  /** NULL, as what follows, where it is what most events have: not lapsed, the first attempt, and never interrupted. */
  readonly lapsed: true | null
  readonly attempt: number | null
  readonly interruptions: number | null
  readonly interrupted_alone: number | null
  readonly progress: string | null
  readonly raw_body: Buffer | null
}

/** The state of the source after a taking: the first row of its answer. All others are of events, in the order of their turns. */
export interface StateRow {
  readonly now: number
  readonly next_due_at: number | null
  readonly alone_is_due: boolean
  readonly any_waits: boolean
  /** The results of verdicts that were sent with it, in order: 1, or 0 where another consumer has the event. */
  readonly held?: string | null
}

/**
 * `$1` source, `$2` limit, `$3` keys that run here, `$4` wanted types or NULL for all, `$5` token, `$6` length of the lease in milliseconds, `$7`
 * whether to take one event to run alone.
 */
const [source, limit, running, types, token, leaseMs, alone] = ['$1', '$2', '$3', '$4', '$5', '$6', '$7']
const parameters = ['text', 'bigint', 'text[]', 'text[]', 'uuid', 'float8', 'boolean']

const isWanted = `(unreadable OR type = ANY (${types}::text[]))`

const areAllWanted = `${types}::text[] IS NULL`

/** Of a row before it is taken: its lease has run out. */
const lapsed = 'lease_token IS NOT NULL'

/** The changes to a row that is taken. A lease that has run out is an interruption, and is counted now. */
const leaseSql = `lease_token = ${token}::uuid, due_at = moment.now + ${leaseMs}::float8, alone = ${alone}::boolean,
  suspect = interruptions + (${lapsed})::integer + 1 >= ${interruptionsUntilAlone}, interruptions = interruptions + (${lapsed})::integer,
  interrupted_alone = interrupted_alone + (${lapsed} AND alone)::integer, rest = NULL, rested_at = NULL, until_wanted = false,
  begun = order_key IS NOT NULL`

const parkSql = `rest = 'parked', rested_at = moment.now, due_at = NULL, until_wanted = false`

const turnColumns = `nullif(events.attempt, 1) AS attempt, nullif(events.interruptions, 0) AS interruptions,
  nullif(events.interrupted_alone, 0) AS interrupted_alone, events.progress`

/** The rows that this statement does not pick and that do not run here. */
const isLeft = `source = ${source} AND due_at IS NOT NULL AND key <> ALL (${running}) AND sequence NOT IN (SELECT sequence FROM picked)`

/**
 * The state of the source, beside the events taken.
 *
 * @param nextDue when the next event is due that is not taken.
 */
function rest({ tables: { events } }: Layout, anyWaits: string, nextDue = nextDueSql(events)): string {
  return `left_over AS MATERIALIZED (
    SELECT moment.now,
      ${nextDue} AS next_due_at,
      EXISTS (SELECT FROM ${events} WHERE ${isLeft} AND suspect AND due_at <= moment.now) AS alone_is_due,
      ${anyWaits} AS any_waits
    FROM moment)`
}

function nextDueSql(events: string): string {
  return `(SELECT due_at FROM ${events} WHERE ${isLeft} AND NOT suspect ORDER BY due_at LIMIT 1)`
}

/** To step over so many rows that were picked costs more than one taking in vain. */
const many = 16

/** The same where due rows were picked. As many as were asked for: more are due, most likely. */
function nextDueAfterPickedSql(events: string): string {
  return `CASE WHEN ${limit}::bigint >= ${many} AND (SELECT count(*) FROM picked) = ${limit}::bigint THEN moment.now ELSE ${nextDueSql(events)} END`
}

const waits = `source = ${source} AND (rest = 'parked' OR until_wanted)`

/** Whether any event waits, of whatever type. `$4` is NULL then. */
function anyWaits(events: string): string {
  return `(${areAllWanted} AND EXISTS (SELECT FROM ${events} WHERE ${waits}))`
}

/** Whether any event of a wanted type waits. Each type is looked up: for all of them at once, a cached plan would read everything that waits. */
function anyWantedWaits(events: string): string {
  return `EXISTS (SELECT FROM unnest(${types}::text[]) AS wanted
        CROSS JOIN LATERAL (SELECT FROM ${events} WHERE ${waits} AND md5(type) = md5(wanted) LIMIT 1) AS first)`
}

/**
 * Takes what is due, oldest first. Rows that another transaction has locked are skipped. Due events that are not wanted are parked or dropped, as
 * `wants` says.
 *
 * Postgres has to read the first rows of a backlog along the index, and not read and sort all of it, although its statistics are older than the
 * backlog. It does so because it doesn't know the limit when it plans, and the time comes from no other table: it then assumes a tenth of the rows.
 *
 * @param wants whether all types are wanted, or what becomes of events of other types.
 * @param toldParts parts of a statement that stores verdicts at the same time.
 */
export function takeSql(layout: Layout, wants: Wants, toldParts?: string): string {
  const { events } = layout.tables
  const areAllTaken = wants === 'all' || wants === 'hand-out'
  const wanted = areAllTaken ? 'true' : `(${isWanted} OR order_key IS NOT NULL)`
  return `
  WITH ${momentOf(layout)},${toldParts === undefined ? '' : `${toldParts},`}
  picked AS MATERIALIZED (
    SELECT sequence, due_at AS place, ${lapsed} AS lapsed, ${wanted} AS wanted FROM ${events}
    WHERE source = ${source} AND suspect = ${alone}::boolean AND due_at <= (SELECT now FROM moment) AND key <> ALL (${running})
    ORDER BY due_at, sequence LIMIT (SELECT ${limit}::bigint) FOR UPDATE SKIP LOCKED),
  taken AS (
    UPDATE ${events} SET ${leaseSql} FROM moment WHERE ${isAmong('events.sequence', 'picked WHERE wanted')}
    RETURNING ${recordColumns}, ${turnColumns}, events.raw_body, 'taken' AS outcome),
  ${rest(layout, wants === 'all' ? anyWaits(events) : anyWantedWaits(events), nextDueAfterPickedSql(events))},
  ${areAllTaken ? '' : `${wants === 'drop' ? dropped(events) : parked(events)},`}
  state AS (SELECT *${toldParts === undefined ? '' : `, (${heldSql}) AS held`} FROM left_over),
  ${asPicked(areAllTaken ? 'taken' : '(SELECT * FROM taken UNION ALL SELECT * FROM unwanted)', 'nullif(lapsed, false) AS lapsed, place')}
  SELECT all_of_them.*, state.* FROM state FULL JOIN all_of_them ON false ORDER BY place NULLS FIRST, sequence::bigint`
}

/**
 * The rows that were changed, with some columns that they had before. They are joined here, and not where they are changed: Postgres would compare each row with each
 * there.
 */
function asPicked(changed: string, columns: string): string {
  return `all_of_them AS (
    SELECT changed.*, ${columns} FROM ${changed} AS changed JOIN picked ON picked.sequence = changed.sequence::bigint)`
}

const unwantedColumns = `${recordColumns}, ${turnColumns}, NULL::bytea AS raw_body`

const isUnwanted = isAmong('events.sequence', 'picked WHERE NOT wanted')

/** A lease that ran out stays: its holder may still give a verdict, and the next holder sees an interruption. */
function parked(events: string): string {
  return `unwanted AS (
    UPDATE ${events} SET ${parkSql} FROM moment WHERE ${isUnwanted}
    RETURNING ${unwantedColumns}, 'parked' AS outcome)`
}

function dropped(events: string): string {
  return `unwanted AS (
    DELETE FROM ${events} WHERE ${isUnwanted}
    RETURNING ${unwantedColumns}, 'dropped' AS outcome)`
}

/** What a consumer wants: all types, or what becomes of events of other types. */
type Wants = 'all' | TakeRequest['wanted']['others']

/** The statements that take due events, by themselves and with verdicts. */
export type Takings = Readonly<Record<Wants, { alone: StoredStatement; withVerdicts: StoredStatement }>>

export function takeStatements(layout: Layout): Takings {
  const told = verdictParts(layout, parameters.length + 1)
  const stored = (wants: Wants) => {
    const name = `take_${wants.replace('-', '_')}`
    return {
      alone: storedStatement(
        layout.schema,
        name,
        { parameters, columns: takenColumns },
        takeSql(layout, wants),
      ),
      withVerdicts: storedStatement(
        layout.schema,
        `tell_and_${name}`,
        { parameters: [...parameters, ...verdictParameters], columns: [...takenColumns, ['held', 'text']] },
        takeSql(layout, wants, told),
      ),
    }
  }
  return { all: stored('all'), 'hand-out': stored('hand-out'), park: stored('park'), drop: stored('drop') }
}

/** The columns of a `TakenRow`, in the order of the statement. */
const takenColumns = [
  ['sequence', 'text'],
  ['key', 'text'],
  ['source', 'text'],
  ['id', 'text'],
  ['type', 'text'],
  ['created_at', 'float8'],
  ['received_at', 'float8'],
  ['fingerprint', 'float8'],
  ['more', 'text'],
  ['attempt', 'integer'],
  ['interruptions', 'integer'],
  ['interrupted_alone', 'integer'],
  ['progress', 'text'],
  ['raw_body', 'bytea'],
  ['outcome', 'text'],
  ['lapsed', 'boolean'],
  ['place', 'float8'],
  ['now', 'float8'],
  ['next_due_at', 'float8'],
  ['alone_is_due', 'boolean'],
  ['any_waits', 'boolean'],
] as const

/**
 * Takes waiting events of wanted types that have no order key. They are parked, or scheduled until wanted. An event that has to run alone is only
 * made due again, and is then taken like others that have to.
 */
export function takeWaitingSql(layout: Layout): string {
  const { events } = layout.tables
  const isSuspect = `interruptions + (${lapsed})::integer >= ${interruptionsUntilAlone}`
  return `
  WITH ${momentOf(layout)},
  picked AS MATERIALIZED (
    SELECT sequence, ${lapsed} AS lapsed, ${isSuspect} AS has_to_be_alone
    FROM ${events}
    WHERE sequence = ANY (ARRAY(${waitingSql(events, { source, limit, running, types }, false)})) AND (rest = 'parked' OR until_wanted)
    ORDER BY sequence LIMIT (SELECT ${limit}::bigint) FOR UPDATE OF events SKIP LOCKED),
  in_line AS (
    UPDATE ${events} SET rest = NULL, rested_at = NULL, due_at = moment.now, until_wanted = false, suspect = true FROM moment
    WHERE ${isAmong('events.sequence', 'picked WHERE has_to_be_alone')} RETURNING events.sequence),
  taken AS (
    UPDATE ${events} SET ${leaseSql} FROM moment WHERE ${isAmong('events.sequence', 'picked WHERE NOT has_to_be_alone')}
    RETURNING ${recordColumns}, ${turnColumns}, events.raw_body, 'taken' AS outcome),
  ${rest(layout, `(${anyWaits(events)} OR ${anyWantedWaits(events)})`)},
  state AS (
    SELECT now, next_due_at, alone_is_due OR EXISTS (SELECT FROM in_line) AS alone_is_due, any_waits FROM left_over),
  ${asPicked('taken', 'nullif(lapsed, false) AS lapsed')}
  SELECT all_of_them.*, state.* FROM state FULL JOIN all_of_them ON false ORDER BY sequence::bigint NULLS FIRST`
}
