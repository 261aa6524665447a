import type { Attempt, ConsumeOptions, Consumer, Inbox, ParkingReport, Work } from '@hookport/core'

interface Turn {
  readonly attempt: Attempt
  /** On the inbox's clock. */
  readonly startedAt: number
}

const ignore = () => {}

/** The options of a consumer that has handlers for every type. */
export const consumingAll: ConsumeOptions = {
  source: 'acme',
  concurrency: 4,
  logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  wanted: () => ({ types: 'all', others: 'park' }),
  parking: { keepMs: 30 * 24 * 60 * 60 * 1000, maxBytes: 64 * 1024 * 1024 },
  report: ignore,
  running: () => new Set(),
}

/** A consumer that records every turn that it is given. */
export class RecordedConsumer {
  readonly turns: Turn[] = []
  readonly consumer: Consumer
  /** What happened to events without a turn. */
  readonly reports: ParkingReport[] = []
  /** How many events are being handled. */
  active = 0
  /** The largest number of events that were handled at once. */
  mostActive = 0

  constructor(inbox: Inbox, work: Work, now: () => number, options: Partial<ConsumeOptions> = {}) {
    const recording: Work = async (attempt) => {
      this.turns.push({ attempt, startedAt: now() })
      this.active += 1
      this.mostActive = Math.max(this.mostActive, this.active)
      const verdict = await work(attempt)
      this.active -= 1
      return verdict
    }
    this.consumer = inbox.consume(recording, {
      ...consumingAll,
      report: (happening) => this.reports.push(happening),
      ...options,
    })
  }

  get attempts(): Attempt[] {
    return this.turns.map(({ attempt }) => attempt)
  }

  /** Ids of the events that were handed out, in order. */
  get ids(): string[] {
    return this.attempts.map(({ event }) => event.id)
  }
}
