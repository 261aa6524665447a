import type { Delivery, MischiefName, PlannedDelivery } from '@hookport/sender'
import { type Latencies, latenciesOf } from './latency.ts'

/** The result of a run. `attempts` is the sum of `replies` and `errors`; `deliveries` that of `asExpected` and `unexpected`. */
export interface SendReport {
  readonly provider: string
  readonly url: string
  /** The seed that gives the same run again. Null if every event is a new one. */
  readonly seed: number | null
  readonly deliveries: number
  readonly attempts: number
  /** Complete replies by status. */
  readonly replies: Readonly<Record<string, number>>
  /** Attempts without a complete reply, by error. */
  readonly errors: Readonly<Record<string, number>>
  /** How many deliveries had mischief, by kind. */
  readonly mischief: Readonly<Partial<Record<MischiefName, number>>>
  readonly asExpected: number
  /** Clean deliveries that did not succeed, and spoiled ones that did. */
  readonly unexpected: number
  readonly durationMs: number
  readonly perSecond: number
  readonly latencyMs: Latencies
}

export type Outcome = Pick<Delivery, 'attempts' | 'outcome'>
export type Expectation = Pick<PlannedDelivery, 'mischief' | 'expected'>

/** Whether a correct receiver would have answered differently. */
export function isUnexpected({ outcome }: Outcome, { expected }: Expectation): boolean {
  return (outcome === 'delivered') !== (expected === 'success')
}

/** Counts deliveries as they end. */
export class SendTally {
  readonly #replies: Record<string, number> = {}
  readonly #errors: Record<string, number> = {}
  readonly #mischief: Partial<Record<MischiefName, number>> = {}
  readonly #durations: number[] = []
  #deliveries = 0
  #unexpected = 0

  add(delivery: Outcome, planned: Expectation): void {
    const { attempts } = delivery
    const { mischief } = planned
    this.#deliveries += 1
    for (const { status, error, durationMs } of attempts) {
      this.#durations.push(durationMs)
      if (error === null) increase(this.#replies, String(status))
      else increase(this.#errors, error)
    }
    for (const name of mischief) increase(this.#mischief, name)
    if (isUnexpected(delivery, planned)) this.#unexpected += 1
  }

  get deliveries(): number {
    return this.#deliveries
  }

  get unexpected(): number {
    return this.#unexpected
  }

  report(run: { provider: string; url: string; seed: number | null; durationMs: number }): SendReport {
    return {
      ...run,
      durationMs: Math.round(run.durationMs),
      deliveries: this.#deliveries,
      attempts: this.#durations.length,
      replies: this.#replies,
      errors: this.#errors,
      mischief: this.#mischief,
      asExpected: this.#deliveries - this.#unexpected,
      unexpected: this.#unexpected,
      perSecond: Math.round((this.#durations.length / Math.max(run.durationMs, 1)) * 1000),
      latencyMs: latenciesOf(this.#durations),
    }
  }
}

function increase<Name extends string>(counts: Partial<Record<Name, number>>, name: Name): void {
  counts[name] = (counts[name] ?? 0) + 1
}
