import type { EventRecord, Failure, Progress } from '@hookport/core'

/**
 * An event as a BullMQ job has it, and as dashboards show it. The order of the fields is part of the layout: scripts read `bytes` at the beginning,
 * and cut off the body at the end.
 */
export interface JobData extends Omit<EventRecord, 'rawBody' | 'fingerprint'> {
  /** How many bytes the raw body has. */
  readonly bytes: number
  /** Decimal digits, as text, because Lua would round a number. */
  readonly fingerprint: string
  /** The raw body, if it is UTF-8. */
  readonly body?: string
  /** The raw body in base64, if it is not UTF-8. */
  readonly bodyBase64?: string
}

/** The form before the layout had a version. */
interface EarlierJobData extends Omit<JobData, 'bytes' | 'source' | 'origin'> {
  readonly provider: string
}

/** How far handling has come. In BullMQ this is a job's progress. */
export interface JobProgress extends Progress {
  readonly attempt: number
  /** Why the last attempt failed. */
  readonly failures: readonly Failure[]
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function toJobData({ rawBody, fingerprint, request, ...event }: EventRecord): JobData {
  return {
    bytes: rawBody.length,
    fingerprint: String(fingerprint),
    ...event,
    request,
    ...encodeBody(rawBody),
  }
}

/** @throws {TypeError} for a job without an event, which something else has added. */
export function readJobData(json: string): EventRecord {
  const { rawBody, ...event } = readEvent(JSON.parse(json))
  return { ...event, rawBody }
}

/** An event without its body, which was cut off. */
export function readSummary(json: string): Omit<EventRecord, 'rawBody'> {
  const { rawBody: _, ...event } = readEvent(JSON.parse(json))
  return event
}

function readEvent(data: JobData | EarlierJobData): EventRecord {
  const { body, bodyBase64 = '', fingerprint, ...event } = data
  if (typeof event.key !== 'string' || fingerprint === undefined) throw new TypeError('the job has no event')
  const rawBody = body === undefined ? Buffer.from(bodyBase64, 'base64') : Buffer.from(body, 'utf8')
  const rest = { fingerprint: Number(fingerprint), rawBody }
  if ('provider' in event) {
    const { provider, ...earlier } = event
    return { ...earlier, ...rest, source: provider, origin: 'delivery' }
  }
  const { bytes: _, ...present } = event
  return { ...present, ...rest }
}

/** A job that was never tried has no progress, or a progress of 0. A job that was claimed before it was put has only part of it. */
export function readProgress(json: string | null): JobProgress {
  const given: Partial<JobProgress> = json ? JSON.parse(json) : {}
  return { attempt: 1, completed: [], abandoned: [], failures: [], ...given }
}

/** The form in a job. */
export function toJobProgress(progress: Partial<JobProgress>): string {
  return JSON.stringify({ attempt: 1, completed: [], abandoned: [], failures: [], ...progress })
}

/** The form that core uses. */
export function progressOf({ attempt: _, failures: __, ...progress }: JobProgress): Progress {
  return progress
}

function encodeBody(rawBody: Uint8Array): Pick<JobData, 'body'> | Pick<JobData, 'bodyBase64'> {
  try {
    return { body: decoder.decode(rawBody) }
  } catch {
    return { bodyBase64: Buffer.from(rawBody).toString('base64') }
  }
}
