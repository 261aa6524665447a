import type { EventRecord, EventState, EventSummary, Failure, ParkingReport, Progress } from '@hookport/core'
import { noProgress } from '@hookport/core'
import { decodeText, encodeText } from '@hookport/core/inbox-kit'
import { nowSql } from '../sql.ts'

/** Columns of an `EventRecord` without its body, as `RecordRow` has them. */
export const recordColumns = `events.sequence::text AS sequence, events.key, events.source, events.id, events.type, events.created_at,
  events.received_at, events.fingerprint::float8 AS fingerprint, events.more`

/** An event whose lease ran out is due again, even if a process still handles it. */
export const stateSql = `CASE WHEN events.rest = 'behind' THEN 'pending' WHEN events.rest IS NOT NULL THEN events.rest WHEN events.due_at <= ${nowSql} THEN 'pending'
  WHEN events.lease_token IS NULL THEN 'scheduled' ELSE 'active' END`

export const summaryColumns = `${recordColumns}, ${stateSql} AS state, events.attempt, events.progress, events.failures, events.due_at`

export interface RecordRow {
  readonly sequence: string
  readonly key: string
  readonly source: string
  readonly id: string
  readonly type: string
  readonly created_at: number
  readonly received_at: number
  readonly fingerprint: number
  readonly more: string | null
}

export interface SummaryRow extends RecordRow {
  readonly state: EventState
  readonly attempt: number
  readonly progress: string | null
  readonly failures: string | null
  readonly due_at: number | null
}

/** The fields of a record that few events have. */
type MoreOfRecord = {
  -readonly [Part in
    | 'tenant'
    | 'origin'
    | 'aliases'
    | 'orderKey'
    | 'orderRank'
    | 'request'
    | 'trace'
    | 'unreadable']?: EventRecord[Part]
}

/** NULL for most events. */
export function encodeMore(event: EventRecord): string | null {
  const { tenant, origin, aliases, orderKey, orderRank, request, trace, unreadable } = event
  const rare: MoreOfRecord = { tenant, aliases, orderKey, orderRank, request, trace, unreadable }
  if (origin !== 'delivery') rare.origin = origin
  const text = encodeJson(rare) // leaves out what is undefined
  return text === '{}' ? null : text
}

/** NULL where nothing was done yet. */
export function encodeProgress(progress: Progress): string | null {
  if (progress === noProgress) return null
  const text = encodeJson(progress)
  return text === '{"completed":[],"abandoned":[]}' ? null : text
}

export function decodeProgress(text: string | null): Progress {
  return text === null ? noProgress : JSON.parse(text)
}

export function encodeFailures(failures: readonly Failure[]): string | null {
  return failures.length === 0 ? null : encodeJson(failures)
}

/** In ASCII, as not every database is encoded in UTF-8, and an error may have any text. */
export function encodeJson(value: object): string {
  return inAscii(JSON.stringify(value))
}

/**
 * As JSON and `encodeText` escape it: `JSON.parse` and `decodeText` answer what it was. A key or source that is asked for may be any text. Those in the
 * tables are ASCII without a backslash, so that no other text becomes one of them.
 */
export function inAscii(text: string): string {
  return text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

export function encodeIfAny(text: string | undefined): string | null {
  return text === undefined ? null : encodeText(text)
}

export function toRecord(row: RecordRow, rawBody: Uint8Array): EventRecord {
  return { ...describe(row), rawBody }
}

export function toSummary(row: SummaryRow): EventSummary {
  const { state, attempt, progress, failures, due_at } = row
  return {
    ...describe(row),
    state,
    attempt,
    progress: decodeProgress(progress),
    failures: failures === null ? [] : JSON.parse(failures),
    dueAt: state === 'scheduled' ? due_at : null,
  }
}

/** The event, as in a report. */
export function nameOf({ key, source, id, type, more }: RecordRow): ParkingReport['event'] {
  const name = { key, source, id: decodeText(id), type: decodeText(type) }
  const { tenant } = decodeMore(more)
  return tenant === undefined ? name : { ...name, tenant }
}

function describe(row: RecordRow): Omit<EventRecord, 'rawBody'> {
  const { key, source, id, type, created_at, received_at, fingerprint, more } = row
  const record = {
    key,
    source,
    id: decodeText(id),
    type: decodeText(type),
    createdAt: created_at,
    receivedAt: received_at,
    fingerprint,
    origin: 'delivery' as const,
  }
  return more === null ? record : { ...record, ...decodeMore(more) }
}

function decodeMore(more: string | null): MoreOfRecord {
  return more === null ? {} : JSON.parse(more)
}
