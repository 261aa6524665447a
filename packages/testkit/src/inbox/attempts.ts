import {
  type Attempt,
  type ConsumeOptions,
  type Consumer,
  type Inbox,
  noProgress,
  type Verdict,
  type Work,
} from '@hookport/core'
import { silentLogger } from '../logs.ts'

export const done: Verdict = { outcome: 'done', progress: noProgress }

export function retryIn(
  delayMs: number,
  more: Partial<Extract<Verdict, { outcome: 'retry' }>> = {},
): Verdict {
  return { outcome: 'retry', delayMs, progress: noProgress, failures: [], attemptUsed: true, ...more }
}

export const dead: Verdict = { outcome: 'dead', progress: noProgress, failures: [] }

/** The options of a consumer that has handlers for every type. */
export const consumingAll: ConsumeOptions = {
  source: 'acme',
  concurrency: 16,
  logger: silentLogger,
  wanted: () => ({ types: 'all', others: 'park' }),
  parking: { keepMs: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY },
  report() {},
  running: () => new Set(),
}

export interface RecordedAttempts {
  readonly attempts: Attempt[]
  readonly consumer: Consumer
  /** Ids of the events that were handed out, in order. */
  ids(): string[]
}

/** Consumes an inbox, and records every attempt that it hands out. */
export function consumeRecorded(
  inbox: Inbox,
  work: Work = async () => done,
  options: Partial<ConsumeOptions> = {},
): RecordedAttempts {
  const attempts: Attempt[] = []
  const recording: Work = (attempt) => {
    attempts.push(attempt)
    return work(attempt)
  }
  const consumer = inbox.consume(recording, { ...consumingAll, ...options })
  return { attempts, consumer, ids: () => attempts.map(({ event }) => event.id) }
}
