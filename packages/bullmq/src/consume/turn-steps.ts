import { type EventRecord, type Legacy, type Progress, redrivenProgress, type Verdict } from '@hookport/core'
import {
  interruptionsUntilAlone,
  type TakenEvent,
  type TakeRequest,
  type Taking,
} from '@hookport/core/inbox-kit'
import {
  type JobProgress,
  progressOf,
  readJobData,
  readProgress,
  readSummary,
  toJobProgress,
} from '../layout/job-data.ts'
import { jobIdOf } from '../layout/keys.ts'
import { jobOptions } from '../scripts/parts/jobs.ts'
import { takeOnArguments } from '../take-on/puts.ts'

/** A verdict or request of a consumer: a step of the script of turns, and its arguments. */
export type Step = readonly [name: string, ...args: (string | number)[]]

/** An event that was taken, and the other fields of its job. */
export interface TakenJob extends TakenEvent {
  readonly jobId: string
  /** Why the attempt before failed. */
  readonly failures: JobProgress['failures']
}

/** As long as a `Date` can tell. The score of a later time would be infinite, and what is listed of it no number. */
const longestDelayMs = 8_640_000_000_000_000

export function renewStep({ jobId, token }: TakenJob, leaseMs: number): Step {
  return ['renew', jobId, token, leaseMs]
}

export function checkpointStep(
  { jobId, token, attempt, failures }: TakenJob,
  progress: Progress,
  legacy: Legacy | undefined,
): Step {
  return ['checkpoint', jobId, token, toJobProgress({ ...progress, attempt, failures }), ...left(legacy)]
}

export function verdictStep({ jobId, token, attempt, event }: TakenJob, verdict: Verdict): Step {
  switch (verdict.outcome) {
    case 'done': {
      const { keepMs = 0, progress, legacy } = verdict
      const kept = keepMs > 0 ? toJobProgress({ ...progress, attempt }) : ''
      return ['done', jobId, token, Math.ceil(keepMs), kept, ...left(legacy), ...namesBeside(event)]
    }
    case 'park':
      return ['park', jobId, token, toJobProgress({ ...verdict.progress, attempt }), ...left(verdict.legacy)]
    case 'replace':
      return ['replace', jobId, token, jobOptions, ...takeOnArguments(verdict.event, verdict)]
    case 'dead': {
      const { progress, failures } = verdict
      const reason = failures.map(({ message }) => message).join('; ')
      const job = toJobProgress({ ...progress, attempt, failures })
      return ['dead', jobId, token, job, reason, attempt, ...left(verdict.legacy)]
    }
    case 'retry': {
      const { progress, failures, delayMs, attemptUsed, keepInterruptions, untilWanted, legacy } = verdict
      const next = toJobProgress({ ...progress, attempt: attempt + (attemptUsed ? 1 : 0), failures })
      const flags = [keepInterruptions, untilWanted].map((flag) => (flag ? 1 : 0))
      return [
        'retry',
        jobId,
        token,
        Math.ceil(Math.min(delayMs, longestDelayMs)),
        next,
        attempt,
        ...flags,
        ...left(legacy),
      ]
    }
  }
}

/** What a verdict leaves to later events of the order key. */
function left(legacy: Legacy | undefined): readonly [text: string, ms: number] {
  return legacy ? [JSON.stringify(legacy.newest), Math.max(1, Math.ceil(legacy.rememberMs))] : ['', 0]
}

/** The names of an event that other events may have too: its aliases, and the key of a reconciled event. */
function namesBeside({ key, origin, aliases = [] }: EventRecord): readonly string[] {
  return origin === 'reconciled' ? [key, ...aliases] : aliases
}

/** A job without an event of ours, or with one that can't be read, was added by something else. */
export function strangerStep(jobId: string, token: string): Step {
  return [
    'dead',
    jobId,
    token,
    toJobProgress({}),
    'the job has no event of hookport: what has added it?',
    0,
    ...left(undefined),
  ]
}

export interface TakeOptions {
  readonly token: string
  readonly keepDeadFor: number
  /** Whether it was sent before under this token, and may have been answered. */
  readonly isAgain: boolean
}

export function takeStep(request: TakeRequest, { token, keepDeadFor, isAgain }: TakeOptions): Step {
  const { limit, alone, leaseMs, wanted, parking, running } = request
  const types = wanted.types === 'all' ? [] : wanted.types
  return [
    'take',
    ...[token, limit, alone ? 1 : 0, leaseMs, interruptionsUntilAlone],
    ...[wanted.others, finite(parking.keepMs), finite(parking.maxBytes)],
    ...[Number.isFinite(keepDeadFor) ? keepDeadFor : -1, isAgain ? 1 : 0],
    ...[wanted.types === 'all' ? -1 : types.length, ...types],
    ...[...running].map(jobIdOf),
  ]
}

type JobAnswer = [
  jobId: string,
  data: string,
  progress: string,
  stc: number,
  ia: number,
  wi: number,
  newest: string,
  dd: number,
  dl: number,
]
type ReportAnswer = [event: string, outcome: 'parked' | 'dropped' | 'expired']
type TakeAnswer = [
  jobs: JobAnswer[],
  now: number,
  nextDueMs: number,
  aloneIsDue: number,
  reports: ReportAnswer[],
]

/** @param reject is called for jobs that can't be read. */
export function readTaking(answer: unknown, token: string, reject: (jobId: string) => void): Taking {
  const [jobs, now, nextDueMs, aloneIsDue, reports] = answer as TakeAnswer
  return {
    events: jobs.flatMap((job) => readJob(job, { token, now }, reject)),
    now,
    nextDueMs: nextDueMs < 0 ? undefined : nextDueMs,
    aloneIsDue: aloneIsDue === 1,
    reports: reports.flatMap(([data, outcome]) => {
      const event = tryTo(() => readSummary(data))
      return event ? [{ event, outcome }] : []
    }),
  }
}

function readJob(
  [
    jobId,
    data,
    progressJson,
    interruptions,
    interruptedAlone,
    wasInterrupted,
    newestJson,
    wasDead,
    wasPromoted,
  ]: JobAnswer,
  { token, now }: { token: string; now: number },
  reject: (jobId: string) => void,
): TakenJob[] {
  const read = tryTo(() => ({ event: readJobData(data), job: readProgress(progressJson) }))
  if (!read) {
    reject(jobId)
    return []
  }
  const { event, job } = read
  const { attempt, failures, progress } =
    wasDead === 1 ? redrivenJob(job) : standingOf(wasPromoted === 1 ? promotedJob(job, now) : job)
  const cutOff = { interruptions, interruptedAlone, wasInterrupted: wasInterrupted === 1 }
  const newest = newestJson === '' ? undefined : JSON.parse(newestJson)
  return [{ event, jobId, token, attempt, failures, progress, newest, ...cutOff }]
}

function standingOf(job: JobProgress): Pick<TakenJob, 'attempt' | 'failures' | 'progress'> {
  const { attempt, failures } = job
  return { attempt, failures, progress: progressOf(job) }
}

/** Whether BullMQ has brought back a dead letter: the Retry button of a dashboard is a redrive. */
function redrivenJob(job: JobProgress): Pick<TakenJob, 'attempt' | 'failures' | 'progress'> {
  return { attempt: 1, failures: [], progress: redrivenProgress(progressOf(job)) }
}

/** Whether BullMQ has taken it from the delayed ones, as the Promote button does: its handlers do not wait for their times. */
function promotedJob({ waiting, ...job }: JobProgress, now: number): JobProgress {
  return waiting === undefined ? job : { ...job, waiting: waiting.map((one) => ({ ...one, dueAt: now })) }
}

function tryTo<Result>(read: () => Result): Result | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** Lua has no number named `Infinity`. */
function finite(value: number): number {
  return Math.min(value, Number.MAX_SAFE_INTEGER)
}
