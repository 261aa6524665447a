import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { EventPage, EventState, ListFilter } from '@hookport/core'
import { encodeText } from '@hookport/core/inbox-kit'
import type { Moment } from '../file/file-time.ts'
import { type SummaryRow, toSummary } from '../layout/event-row.ts'
import { isInLine } from '../layout/fifth-layout.ts'

/** How many events one call reads at most. A search of the file blocks the whole process. This many take some milliseconds. */
const mostExamined = 5_000

const filters = `
  (:source IS NULL OR source = :source)
  AND (:tenant IS NULL OR tenant = :tenant)
  AND (:type IS NULL OR type = :type)
  AND (:from IS NULL OR received_at >= :from)
  AND (:before IS NULL OR received_at < :before)
  AND (:idPart IS NULL OR instr(id, :idPart) > 0)`

/** The position of a walk: an event. `rested_at` is 0 for walks through the table, which go by `sequence` alone. */
interface Place {
  readonly restedAt: number
  readonly sequence: number
}

type PlacedRow = SummaryRow & { readonly restedAt: number }

/** A walk through the events in one direction: those of one state of rest by their index, or all in the order of taking on. */
class Walk {
  readonly start: Place
  /** After all events. */
  readonly end: Place
  readonly #find: StatementSync
  readonly #end: StatementSync
  readonly #inLine: StatementSync
  readonly #nextInLine: StatementSync
  readonly #ofRest: boolean

  constructor(database: DatabaseSync, ofRest: boolean, newestFirst: boolean, summary: string, state: string) {
    this.#ofRest = ofRest
    const latest = { restedAt: ofRest ? Number.POSITIVE_INFINITY : 0, sequence: Number.MAX_SAFE_INTEGER }
    const earliest = { restedAt: 0, sequence: 0 }
    this.start = newestFirst ? latest : earliest
    this.end = newestFirst ? earliest : latest
    const [after, upTo, order] = newestFirst ? ['<', '>=', 'DESC'] : ['>', '<=', 'ASC']
    const restedAt = ofRest ? 'rested_at' : '0'
    const from = ofRest ? 'events INDEXED BY events_by_rest' : 'events'
    const begun = ofRest
      ? `rest = :state AND rested_at ${after}= :afterRested AND (rested_at, sequence) ${after} (:afterRested, :after)`
      : `sequence ${after} :after AND :afterRested = 0`
    const ended = ofRest
      ? `rested_at ${upTo} :endRested AND (rested_at, sequence) ${upTo} (:endRested, :end)`
      : `sequence ${upTo} :end AND :endRested = 0`
    const inOrder = ofRest ? `rested_at ${order}, sequence ${order}` : `sequence ${order}`
    const isMeant = ofRest ? '' : `AND (:state IS NULL OR ${state} = :state)`
    this.#end = database.prepare(`
      SELECT ${restedAt} AS restedAt, sequence FROM ${from} WHERE ${begun} ORDER BY ${inOrder} LIMIT 1 OFFSET ${mostExamined - 1}`)
    const ofSource = '(:source IS NULL OR source = :source)'
    this.#inLine = database.prepare(
      `SELECT 1 FROM events WHERE sequence ${after} :from AND sequence ${upTo} :to AND ${isInLine} AND ${ofSource} LIMIT 1`,
    )
    const next = newestFirst ? 'max(sequence)' : 'min(sequence)'
    const inRange = `source BETWEEN coalesce(:source, '') AND coalesce(:source, char(1114111))` // so that the index leads to the source
    this.#nextInLine = database.prepare(`
      SELECT ${next} AS sequence FROM (
        SELECT ${next} AS sequence FROM events INDEXED BY events_by_due_at WHERE due_at IS NOT NULL AND sequence ${after} :to AND ${inRange}
        UNION ALL
        SELECT ${next} AS sequence FROM events INDEXED BY events_by_rest WHERE rest = 'behind' AND sequence ${after} :to AND ${ofSource})`)
    this.#find = database.prepare(`
      SELECT ${summary}, ${restedAt} AS restedAt FROM ${from}
      WHERE ${begun} AND ${ended} AND ${filters} ${isMeant} ORDER BY ${inOrder} LIMIT :limit`)
  }

  /** The last event that a call may read, from a position on. Undefined where fewer are left. */
  endFrom({ restedAt, sequence }: Place, state: EventState | undefined): Place | undefined {
    const from = { afterRested: restedAt, after: sequence }
    const found = this.#end.get(this.#ofRest ? { ...from, state: state ?? null } : from)
    return found && { restedAt: Number(found.restedAt), sequence: Number(found.sequence) }
  }

  /**
   * Where a search for events of a source that are not at rest goes on, after a stretch that was read. The others may be very many: a stretch with
   * nothing else is followed by the next event that is meant. Undefined where there is none.
   */
  onwards(from: Place, to: Place, source: string | null): Place | undefined {
    if (this.#inLine.get({ from: from.sequence, to: to.sequence, source })) return to
    const next = this.#nextInLine.get({ to: to.sequence, source })?.sequence
    if (typeof next !== 'number') return undefined
    return { restedAt: 0, sequence: next + Math.sign(from.sequence - to.sequence) }
  }

  find(parameters: Record<string, string | number | null>): PlacedRow[] {
    return this.#find.all(parameters) as unknown as PlacedRow[]
  }
}

/** Listings, page by page. */
export class EventList {
  readonly #walks: Readonly<Record<string, Walk>>

  /**
   * @param summary columns of a `SummaryRow`.
   * @param state expression for the state of a row; it uses `:elapsed`.
   */
  constructor(database: DatabaseSync, summary: string, state: string) {
    const walk = (ofRest: boolean, newestFirst: boolean) =>
      new Walk(database, ofRest, newestFirst, summary, state)
    this.#walks = {
      'rest oldest': walk(true, false),
      'rest newest': walk(true, true),
      'all oldest': walk(false, false),
      'all newest': walk(false, true),
    }
  }

  page(filter: ListFilter, moment: Moment): EventPage {
    const { state, limit = 50, newestFirst = false, cursor } = filter
    const walk = this.#walks[
      `${isOfRest(state) ? 'rest' : 'all'} ${newestFirst ? 'newest' : 'oldest'}`
    ] as Walk
    const from = cursor === undefined ? walk.start : readCursor(cursor)
    const bound = walk.endFrom(from, state)
    const end = bound ?? walk.end
    const rows = walk.find({
      ...parametersOf(filter),
      elapsed: moment.elapsed,
      afterRested: from.restedAt,
      after: from.sequence,
      endRested: end.restedAt,
      end: end.sequence,
      limit: limit + 1,
    })
    const page = rows.slice(0, limit)
    const items = page.map((row) => toSummary(row, moment))
    const isOfLine = state !== undefined && !isOfRest(state)
    const rest = bound && isOfLine ? walk.onwards(from, bound, filter.source ?? null) : bound
    const next = rows.length > limit ? page.at(-1) : rest
    return next === undefined ? { items } : { items, cursor: `${next.restedAt}/${next.sequence}` }
  }
}

/** The states of `rest`. */
function isOfRest(state: EventState | undefined): boolean {
  return state === 'dead' || state === 'parked' || state === 'handled'
}

/** Whether a text may be a cursor. */
export function isCursor(text: string): boolean {
  return /^[^/]+\/[^/]+$/.test(text) && !text.split('/').map(Number).some(Number.isNaN)
}

function readCursor(cursor: string): Place {
  const [restedAt = 0, sequence = 0] = cursor.split('/').map(Number)
  return { restedAt, sequence }
}

function parametersOf(filter: ListFilter): Record<string, string | number | null> {
  const { source, tenant, state, type, receivedFrom, receivedBefore, idIncludes } = filter
  return {
    source: source ?? null,
    tenant: encodedIfAny(tenant),
    state: state ?? null,
    type: encodedIfAny(type),
    from: receivedFrom ?? null,
    before: receivedBefore ?? null,
    idPart: encodedIfAny(idIncludes),
  }
}

function encodedIfAny(text: string | undefined): string | null {
  return text === undefined ? null : encodeText(text)
}
