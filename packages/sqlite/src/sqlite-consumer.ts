import type { ConsumeOptions, Consumer, Verdict, Work } from '@hookport/core'
import { type HeldEvent, HeldEvents, type HoldingParts } from './held-events.ts'
import type { LeasedEvent } from './leased-events.ts'

export interface ConsumerParts extends HoldingParts {
  readonly pollMs: number
  /** Called at every poll. */
  readonly onPoll: () => void
}

interface Taken {
  readonly leased: readonly LeasedEvent[]
  readonly leaseUntil: number
}

/** A verdict that can't be written is tried again after this long, then twice as long, and so on. */
const firstVerdictPauseMs = 100

/** Takes due events of one provider, up to `concurrency` at once. */
export class SqliteConsumer implements Consumer {
  readonly #work: Work
  readonly #options: ConsumeOptions
  readonly #parts: ConsumerParts
  readonly #held: HeldEvents
  /** A taking waits for its transaction to begin. */
  #takingSoon = false
  /** The last taking failed, so that it isn't known whether something is due. */
  #inDoubt = false
  /** Events of takings that are not committed yet. */
  #reserved = 0
  /** Verdicts that are not committed yet. */
  #concluding = 0
  #cancelPoll = () => {}
  #whenIdle: (() => void)[] = []
  #stopping: Promise<void> | undefined

  constructor(work: Work, options: ConsumeOptions, parts: ConsumerParts) {
    this.#work = work
    this.#options = options
    this.#parts = parts
    this.#held = new HeldEvents(parts)
    this.wake()
  }

  get provider(): string {
    return this.#options.provider
  }

  /** Says that something may be due. Called inside a transaction, the taking joins it. */
  wake(): void {
    if (this.#takingSoon || this.#stopping || this.#free() <= 0) return
    this.#takingSoon = true
    let reserved = 0
    const taking = this.#parts.commits.run(() => {
      this.#takingSoon = false
      const taken = this.#take()
      reserved = taken.leased.length
      this.#reserved += reserved
      return taken
    })
    taking.then(
      (taken) => setImmediate(() => this.#begin(taken)), // not before the reply to what was put is on its way
      (error) => {
        this.#takingSoon = false
        this.#reserved -= reserved
        this.#inDoubt = true
        this.#options.logger.error(
          { err: error, provider: this.provider },
          'the inbox could not be asked for work',
        )
        this.#pollIn(this.#parts.pollMs)
        this.#settle()
      },
    )
  }

  idle(): Promise<void> {
    const idle = new Promise<void>((resolve) => this.#whenIdle.push(resolve))
    this.wake()
    this.#settle()
    return idle
  }

  /** What is due stays in the file, for the next start or another process. */
  stop(): Promise<void> {
    if (!this.#stopping) {
      this.#cancelPoll()
      this.#stopping = new Promise((resolve) => this.#whenIdle.push(resolve))
      this.#settle()
    }
    return this.#stopping
  }

  #free(): number {
    return this.#options.concurrency - this.#held.size - this.#reserved
  }

  #take(): Taken {
    const { leases, clock, leaseMs } = this.#parts
    const limit = this.#stopping ? 0 : this.#free()
    const now = clock.now()
    const leaseUntil = now + leaseMs
    const leased = limit > 0 ? leases.take(this.provider, limit, now, leaseUntil) : []
    if (leased.length < limit)
      this.#pollIn((leases.nextReadyAt(this.provider) ?? Number.POSITIVE_INFINITY) - now)
    return { leased, leaseUntil }
  }

  #begin({ leased, leaseUntil }: Taken): void {
    this.#inDoubt = false
    this.#reserved -= leased.length
    for (const event of leased) void this.#turn(this.#held.hold(event, leaseUntil))
    this.#settle()
  }

  async #turn(held: HeldEvent): Promise<void> {
    const { event, attempt, interruptions, progress } = held.leased
    const verdict = await this.#work({
      event,
      attempt,
      interruptions,
      progress,
      signal: held.lost.signal,
      checkpoint: (reached) => this.#held.checkpoint(held, reached),
    })
    this.#held.letGo(held)
    this.#concluding += 1
    const concluded = held.lost.signal.aborted ? Promise.resolve() : this.#conclude(held, verdict)
    this.wake() // after the verdict, so that both are one transaction
    await concluded
    this.#concluding -= 1
    this.#settle()
  }

  /** Keeps trying while the lease may be ours. After that the event is handed out again. */
  async #conclude(held: HeldEvent, verdict: Verdict): Promise<void> {
    const { commits, leases, clock, leaseMs } = this.#parts
    const about = { key: held.leased.event.key, outcome: verdict.outcome }
    const giveUpAt = clock.now() + leaseMs
    for (let pauseMs = firstVerdictPauseMs; ; pauseMs *= 2) {
      try {
        const wasHeld = await commits.run(() => leases.conclude(held.leased, verdict, clock.now()))
        if (!wasHeld)
          this.#options.logger.warn(
            about,
            'the lease on an event was lost: what became of this turn is ignored',
          )
        return
      } catch (error) {
        this.#options.logger.error({ ...about, err: error }, 'the inbox could not be told how handling went')
        if (this.#stopping || clock.now() + pauseMs >= giveUpAt) return
        await new Promise<void>((resolve) => clock.after(pauseMs, resolve))
      }
    }
  }

  #pollIn(delayMs: number): void {
    this.#cancelPoll()
    if (this.#stopping) return
    this.#cancelPoll = this.#parts.clock.after(Math.min(Math.max(delayMs, 0), this.#parts.pollMs), () =>
      this.#poll(),
    )
  }

  /** Looks without locking, so that idle processes don't get in the way of others. */
  #poll(): void {
    const { leases, clock, pollMs, onPoll } = this.#parts
    onPoll()
    try {
      const readyIn = (leases.nextReadyAt(this.provider) ?? Number.POSITIVE_INFINITY) - clock.now()
      if (readyIn <= 0 || this.#inDoubt) this.wake()
      else this.#pollIn(readyIn)
    } catch (error) {
      this.#options.logger.error(
        { err: error, provider: this.provider },
        'the inbox could not be asked for work',
      )
      this.#pollIn(pollMs)
    }
  }

  #settle(): void {
    const isWorking = this.#held.size + this.#reserved + this.#concluding > 0
    const mayBeDue = !this.#stopping && (this.#takingSoon || this.#inDoubt)
    if (isWorking || mayBeDue) return
    for (const resolve of this.#whenIdle.splice(0)) resolve()
  }
}
