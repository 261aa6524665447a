import type { EventRecord, EventState, EventSummary } from '@hookport/core'

/** Columns of an `EventRecord` without its body, as `EventRow` has them. */
export const recordColumns =
  'key, provider, id, type, created_at AS createdAt, received_at AS receivedAt, fingerprint'

/** A row of `events`, with `recordColumns`. */
export interface RecordRow extends Omit<EventRecord, 'rawBody'> {
  readonly sequence: number
}

export interface SummaryRow extends RecordRow {
  readonly state: EventState
  readonly attempt: number
  readonly progress: string
  readonly failures: string
  readonly readyAt: number | null
}

/**
 * Writes a sender's text so that it comes back unchanged: SQLite ends text at a NUL, and UTF-8 has no lone surrogates. It is
 * the inside of a JSON string, so that ordinary text is stored as it is.
 */
export function encodeText(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function decodeText(text: string): string {
  return text.includes('\\') ? JSON.parse(`"${text}"`) : text
}

export function toRecord(row: RecordRow, rawBody: Uint8Array): EventRecord {
  return { ...describe(row), rawBody }
}

export function toSummary(row: SummaryRow): EventSummary {
  const { state, attempt, progress, failures, readyAt } = row
  return {
    ...describe(row),
    state,
    attempt,
    progress: JSON.parse(progress),
    failures: JSON.parse(failures),
    dueAt: state === 'scheduled' ? readyAt : null,
  }
}

function describe({ key, provider, id, type, createdAt, receivedAt, fingerprint }: RecordRow) {
  return {
    key,
    provider,
    id: decodeText(id),
    type: decodeText(type),
    createdAt,
    receivedAt,
    fingerprint,
  }
}
