import type { Attempt, EventRecord, Failure, Progress } from '@hookport/core'

/** An event as BullMQ keeps it, and as its dashboards show it. */
export interface JobData extends Omit<EventRecord, 'rawBody' | 'fingerprint'> {
  /** Decimal digits. Text, because Lua would round it. */
  readonly fingerprint: string
  /** The raw body, where it is UTF-8. */
  readonly body?: string
  /** The raw body, where it is not. */
  readonly bodyBase64?: string
}

/** How far handling has come: what BullMQ calls a job's progress. */
export interface JobProgress extends Progress {
  readonly attempt: number
  /** Of the last attempt. */
  readonly failures: readonly Failure[]
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function toJobData({ rawBody, fingerprint, ...event }: EventRecord): JobData {
  return { ...event, fingerprint: String(fingerprint), ...encodeBody(rawBody) }
}

export function toEventRecord({ body, bodyBase64 = '', fingerprint, ...event }: JobData): EventRecord {
  const rawBody = body === undefined ? Buffer.from(bodyBase64, 'base64') : Buffer.from(body, 'utf8')
  return { ...event, fingerprint: Number(fingerprint), rawBody }
}

/** A job that was never tried has a progress of 0; one that was claimed before it was put has only part of it. */
export function readProgress(progress: unknown): JobProgress {
  const given = typeof progress === 'object' && progress !== null ? (progress as Partial<JobProgress>) : {}
  return { attempt: 1, completed: [], abandoned: [], failures: [], ...given }
}

/** What core sees of it. */
export function progressOf({ completed, abandoned }: JobProgress): Attempt['progress'] {
  return { completed, abandoned }
}

function encodeBody(rawBody: Uint8Array): Pick<JobData, 'body'> | Pick<JobData, 'bodyBase64'> {
  try {
    return { body: decoder.decode(rawBody) }
  } catch {
    return { bodyBase64: Buffer.from(rawBody).toString('base64') }
  }
}
