import type { Attempt, Consumer, Inbox, Work } from '@hookport/core'

interface Turn {
  readonly attempt: Attempt
  /** On the inbox's clock. */
  readonly startedAt: number
}

const ignore = () => {}
const silentLogger = { debug: ignore, info: ignore, warn: ignore, error: ignore }

/** A consumer that writes down every turn that it is given. */
export class RecordedConsumer {
  readonly turns: Turn[] = []
  readonly consumer: Consumer
  /** How many events are under work. */
  active = 0
  /** How many events were under work at once, at most. */
  mostActive = 0

  constructor(inbox: Inbox, work: Work, now: () => number, { provider = 'acme', concurrency = 4 } = {}) {
    const recording: Work = async (attempt) => {
      this.turns.push({ attempt, startedAt: now() })
      this.active += 1
      this.mostActive = Math.max(this.mostActive, this.active)
      const verdict = await work(attempt)
      this.active -= 1
      return verdict
    }
    this.consumer = inbox.consume(recording, { provider, concurrency, logger: silentLogger })
  }

  get attempts(): Attempt[] {
    return this.turns.map(({ attempt }) => attempt)
  }

  /** Ids of the events that were handed out, in order. */
  get ids(): string[] {
    return this.attempts.map(({ event }) => event.id)
  }
}
