import type { Attempt, ConsumeOptions, Consumer, Inbox, ParkingReport, Verdict, Wanted } from '@hookport/core'
import { inAnotherProcess } from '@hookport/core/testing'
import { type LogLine, recordedLogger } from '@hookport/testkit/logs'
import { done } from './sample-event.ts'

/** A consumer under test, and what it did. */
export interface Consuming {
  readonly consumer: Consumer
  readonly turns: Attempt[]
  readonly ids: string[]
  readonly reports: ParkingReport[]
  readonly lines: LogLine[]
}

interface Wishes extends Partial<Omit<ConsumeOptions, 'wanted' | 'report' | 'logger'>> {
  /** Types that it handles. Any, unless told. */
  readonly types?: Wanted['types']
  readonly others?: Wanted['others']
}

/** Consumes, and writes down what happens. Events are done unless `work` says otherwise. */
export function consume(
  inbox: Inbox,
  work: (turn: Attempt) => Promise<Verdict | undefined> = async () => undefined,
  { types = 'all', others = 'park', ...wishes }: Wishes = {},
): Consuming {
  const turns: Attempt[] = []
  const reports: ParkingReport[] = []
  const { logger, lines } = recordedLogger()
  const recording = async (turn: Attempt) => {
    turns.push(turn)
    return (await work(turn)) ?? { ...done, progress: turn.progress }
  }
  const consumer = inAnotherProcess(() =>
    inbox.consume(recording, {
      source: 'sematryx',
      concurrency: 4,
      logger,
      wanted: () => ({ types, others }),
      parking: { keepMs: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY },
      report: (report) => reports.push(report),
      running: () => new Set(),
      ...wishes,
    }),
  )
  return {
    consumer,
    turns,
    get ids() {
      return turns.map(({ event }) => event.id)
    },
    reports,
    lines,
  }
}
