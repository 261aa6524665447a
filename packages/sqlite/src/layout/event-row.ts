import type { EventRecord, EventState, EventSummary, Failure, ParkingReport, Progress } from '@hookport/core'
import { noProgress } from '@hookport/core'
import { decodeText } from '@hookport/core/inbox-kit'
import type { Moment } from '../file/file-time.ts'

/** A body up to this length is stored in the row of its event. */
export const shortBodyBytes = 2048

/** Columns of an `EventRecord` without its body, as `RecordRow` has them. */
export const recordColumns =
  'sequence, key, source, id, type, created_at AS createdAt, received_at AS receivedAt, fingerprint, more'

/** Expression on a row of `events`. Does not read the body. */
export const bodyLength =
  'coalesce(length(raw_body), (SELECT length(raw_body) FROM bodies WHERE bodies.sequence = events.sequence), 0)'

/** A row of `events`, with `recordColumns`. */
export interface RecordRow {
  readonly sequence: number
  readonly key: string
  readonly source: string
  readonly id: string
  readonly type: string
  readonly createdAt: number
  readonly receivedAt: number
  readonly fingerprint: number
  readonly more: string | null
}

export interface SummaryRow extends RecordRow {
  readonly state: EventState
  readonly attempt: number
  readonly progress: string | null
  readonly failures: string | null
  readonly dueAt: number | null
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
  if (hasNoMore(event)) return null
  const { tenant, origin, aliases, orderKey, orderRank, request, trace, unreadable } = event
  const rare: MoreOfRecord = { tenant, aliases, orderKey, orderRank, request, trace, unreadable }
  if (origin !== 'delivery') rare.origin = origin
  return JSON.stringify(rare) // leaves out what is undefined
}

function hasNoMore({ tenant, origin, aliases, orderKey, request, trace, unreadable }: EventRecord): boolean {
  const more = tenant ?? aliases ?? orderKey ?? request ?? trace ?? unreadable
  return origin === 'delivery' && more === undefined
}

/** NULL where nothing was done yet. */
export function encodeProgress(progress: Progress): string | null {
  if (progress === noProgress) return null
  const text = JSON.stringify(progress)
  return text === '{"completed":[],"abandoned":[]}' ? null : text
}

export function decodeProgress(text: string | null): Progress {
  return text === null ? noProgress : JSON.parse(text)
}

export function encodeFailures(failures: readonly Failure[]): string | null {
  return failures.length === 0 ? null : JSON.stringify(failures)
}

export function toRecord(row: RecordRow, rawBody: Uint8Array): EventRecord {
  return { ...describe(row), rawBody }
}

/** Whether it has an order key. */
export function isOrdered({ more }: RecordRow): boolean {
  return decodeMore(more).orderKey !== undefined
}

/** The event, as in a report. */
export function nameOf({ key, source, id, type, more }: RecordRow): ParkingReport['event'] {
  const name = { key, source, id: decodeText(id), type: decodeText(type) }
  const { tenant } = decodeMore(more)
  return tenant === undefined ? name : { ...name, tenant }
}

/** Whether it was kept without being read. */
export function isUnreadable({ more }: RecordRow): boolean {
  return decodeMore(more).unreadable === true
}

export function toSummary(row: SummaryRow, { elapsed, wall }: Moment): EventSummary {
  const { state, attempt, progress, failures, dueAt } = row
  return {
    ...describe(row),
    state,
    attempt,
    progress: decodeProgress(progress),
    failures: failures === null ? [] : JSON.parse(failures),
    dueAt: state === 'scheduled' && dueAt !== null ? wall + (dueAt - elapsed) : null,
  }
}

function describe(row: RecordRow): Omit<EventRecord, 'rawBody'> {
  const { key, source, id, type, createdAt, receivedAt, fingerprint, more } = row
  const record = {
    key,
    source,
    id: decodeText(id),
    type: decodeText(type),
    createdAt,
    receivedAt,
    fingerprint,
    origin: 'delivery' as const,
  }
  return more === null ? record : { ...record, ...decodeMore(more) }
}

function decodeMore(more: string | null): MoreOfRecord {
  return more === null ? {} : JSON.parse(more)
}
