import type { Attempt, Consumer, Inbox, Progress, Verdict, Work } from '@hookport/core'
import { silentLogger } from './logs.ts'

const noProgress: Progress = { completed: [], abandoned: [] }

export const done: Verdict = { outcome: 'done' }

export function retryIn(
  delayMs: number,
  more: Partial<Extract<Verdict, { outcome: 'retry' }>> = {},
): Verdict {
  return { outcome: 'retry', delayMs, progress: noProgress, failures: [], countsAsAttempt: true, ...more }
}

export const dead: Verdict = { outcome: 'dead', progress: noProgress, failures: [] }

export interface RecordedAttempts {
  readonly attempts: Attempt[]
  readonly consumer: Consumer
  /** Ids of the events that were handed out, in order. */
  ids(): string[]
}

/** Consumes an inbox, and writes down every attempt that it hands out. */
export function consumeRecorded(
  inbox: Inbox,
  work: Work = async () => done,
  { provider = 'acme', concurrency = 16, logger = silentLogger } = {},
): RecordedAttempts {
  const attempts: Attempt[] = []
  const recording: Work = (attempt) => {
    attempts.push(attempt)
    return work(attempt)
  }
  const consumer = inbox.consume(recording, { provider, concurrency, logger })
  return { attempts, consumer, ids: () => attempts.map(({ event }) => event.id) }
}
