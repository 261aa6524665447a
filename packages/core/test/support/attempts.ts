import type { Attempt, Consumer, Inbox, Verdict, Work } from '@hookport/core'
import { silentLogger } from '../../src/contracts/logger.ts'

export const done: Verdict = { outcome: 'done' }

export function retryIn(
  delayMs: number,
  more: Partial<Extract<Verdict, { outcome: 'retry' }>> = {},
): Verdict {
  return {
    outcome: 'retry',
    delayMs,
    progress: { completed: [], abandoned: [] },
    failures: [],
    countsAsAttempt: true,
    ...more,
  }
}

export function dead(more: Partial<Extract<Verdict, { outcome: 'dead' }>> = {}): Verdict {
  return { outcome: 'dead', progress: { completed: [], abandoned: [] }, failures: [], ...more }
}

export interface RecordedAttempts {
  readonly attempts: Attempt[]
  readonly consumer: Consumer
  /** Keys of the events that were handed out, in order. */
  keys(): string[]
}

/** Consumes an inbox, and writes down every attempt that it hands out. */
export function consumeRecorded(
  inbox: Inbox,
  work: Work,
  { provider = 'acme', concurrency = 16 } = {},
): RecordedAttempts {
  const attempts: Attempt[] = []
  const recording: Work = (attempt) => {
    attempts.push(attempt)
    return work(attempt)
  }
  const consumer = inbox.consume(recording, { provider, concurrency, logger: silentLogger })
  return { attempts, consumer, keys: () => attempts.map(({ event }) => event.key) }
}
