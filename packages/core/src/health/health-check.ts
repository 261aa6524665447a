import type { Clock } from '../contracts/clock.ts'
import type { Counts, EventPage, Inbox } from '../contracts/inbox/inbox.ts'
import { reasonOf } from '../contracts/reason-of.ts'
import type {
  Health,
  HealthCode,
  HealthOptions,
  HealthReason,
  RefusedEvents,
} from '../contracts/receiver/health.ts'
import type { Pause } from '../contracts/receiver/pause.ts'
import {
  assertFitting,
  assertOptions,
  positiveNumber,
  positiveOrInfinite,
  withDefaults,
} from '../options/option-table.ts'
import { settledWithin } from '../time/deadlines.ts'
import { Counting } from './counting.ts'

interface HealthTools {
  readonly inbox: Inbox
  readonly source: string
  readonly clock: Required<Clock>
  isStopping(): boolean
  /** Why this process handles nothing although it should. Undefined if all is well. */
  whyNotConsuming(): string | undefined
  paused(): Promise<readonly Pause[]>
  /** Undefined if the inbox took on the last event that came. */
  refusing(): RefusedEvents | undefined
  /** What the store has found and the log has told. */
  readonly risksAtStart: Promise<readonly string[]>
}

const bounds = {
  timeout: positiveNumber(2_000),
  maxPendingAge: positiveOrInfinite(5 * 60_000),
  deadWindow: positiveOrInfinite(10 * 60_000),
}

const bringDown: ReadonlySet<HealthCode> = new Set(['store_unreachable', 'stopped'])

/** Checks the health of a receiver. */
export class HealthCheck {
  readonly #tools: HealthTools
  readonly #counting: Counting
  readonly #trend = new DeadLetterTrend()

  constructor(tools: HealthTools) {
    this.#tools = tools
    this.#counting = new Counting(tools.inbox, tools.source, tools.clock)
  }

  /** @throws {ConfigurationError} for options that can't work. Nothing else makes it throw. */
  async run(options: HealthOptions = {}): Promise<Health> {
    assertOptions(options, bounds, 'health')
    const { timeout, maxPendingAge, deadWindow } = withDefaults(bounds, options)
    assertFitting(bounds, { timeout, maxPendingAge, deadWindow }, 'health.')
    const reasons: HealthReason[] = []
    const tell = (code: HealthCode, message: string) => reasons.push({ code, message })
    const { isStopping, refusing, whyNotConsuming, clock } = this.#tools
    if (isStopping()) tell('stopped', 'the receiver was stopped: it refuses deliveries')
    const refused = isStopping() ? undefined : refusing()
    if (refused !== undefined) tell('refusing', describeRefused(refused))
    const whyNot = isStopping() ? undefined : whyNotConsuming()
    if (whyNot !== undefined) tell('not_consuming', whyNot)
    const asked = await this.#askStore(timeout).catch((error: unknown) => {
      tell('store_unreachable', `the inbox does not answer: ${reasonOf(error)}`)
      return undefined
    })
    if (asked !== undefined) {
      const { counts, age, pauses, risks } = asked
      for (const risk of risks) tell('at_risk', risk)
      for (const pause of pauses) tell('paused', describePause(pause))
      if (age > maxPendingAge)
        tell(
          'pending_too_old',
          `an event has waited ${age} ms for its first attempt; the limit is ${maxPendingAge}`,
        )
      const growth = this.#trend.add(counts.dead, clock.elapsed(), deadWindow)
      if (growth > 0)
        tell('dead_growing', `${growth} more dead letters than ${deadWindow} ms ago, or since then`)
    }
    return { status: statusOf(reasons), reasons, counts: asked?.counts, oldestPendingAge: asked?.age }
  }

  #askStore(
    timeout: number,
  ): Promise<{ counts: Counts; age: number; pauses: readonly Pause[]; risks: readonly string[] }> {
    const { inbox, source, clock, paused } = this.#tools
    const onTimeout = () => new Error(`there was no answer within ${timeout} ms`)
    const ask = async () => {
      const risks = settledWithin(this.#risksSinceStart(), timeout / 2, clock, { onTimeout })
      const told = risks.catch(() => []) // a store need not say what it thinks of itself
      return {
        counts: await this.#counting.ask(timeout / 2),
        age: await oldestPendingAge(inbox, source, clock, timeout / 4),
        pauses: await paused(),
        risks: await told,
      }
    }
    return settledWithin(ask(), timeout, clock, { onTimeout })
  }

  async #risksSinceStart(): Promise<readonly string[]> {
    const { inbox, risksAtStart } = this.#tools
    const known = await risksAtStart
    const found = (await inbox.findRisks?.()) ?? []
    return found.filter((risk) => !known.includes(risk))
  }
}

function describeRefused({ since, reason }: RefusedEvents): string {
  return `no event was stored since ${new Date(since).toISOString()}, and the senders were asked to send them again: ${reason}`
}

function describePause({ handler, reason, since }: Pause): string {
  const what = handler === undefined ? 'all handling' : `the handler ${handler}`
  return `${what} has been paused since ${new Date(since).toISOString()}: ${reason}`
}

function statusOf(reasons: readonly HealthReason[]): Health['status'] {
  if (reasons.length === 0) return 'ok'
  return reasons.some(({ code }) => bringDown.has(code)) ? 'down' : 'degraded'
}

interface Sample {
  readonly at: number
  readonly dead: number
}

/** The most samples that are kept. A newer one replaces the oldest. */
const mostSamples = 1_000

/** The number of dead letters at health checks. */
class DeadLetterTrend {
  /** Each has fewer dead letters than those after it: what a later one is not above says nothing more. */
  #samples: Sample[] = []
  #longestMs = 0

  /** Returns how many more there are than at the lowest count within the last `windowMs`. */
  add(dead: number, at: number, windowMs: number): number {
    this.#longestMs = Math.max(this.#longestMs, windowMs)
    const fewer = this.#samples.filter((one) => one.dead < dead && at - one.at <= this.#longestMs)
    this.#samples = [...fewer, { at, dead }].slice(-mostSamples)
    const lowest = this.#samples.find((one) => at - one.at <= windowMs)
    return dead - (lowest?.dead ?? dead)
  }
}

const pageSize = 50
/** Enough to look past events that were redriven or are retried. These may be old, but have had their first attempt. */
const mostPages = 200

/**
 * How long ago the oldest event that still waits for its first attempt was received, in milliseconds. 0 where none waits, or where none is found
 * within `withinMs`: a page of a large store may have one event, or none.
 */
async function oldestPendingAge(
  inbox: Inbox,
  source: string,
  clock: Required<Clock>,
  withinMs: number,
): Promise<number> {
  const until = clock.elapsed() + withinMs
  const pending = { source, state: 'pending', limit: pageSize } as const
  let page: EventPage = await inbox.list(pending)
  for (let pages = 1; ; pages++) {
    const untried = page.items.filter(
      ({ attempt, progress }) => attempt <= 1 && progress.history === undefined,
    )
    const received = untried.map(({ receivedAt }) => receivedAt)
    if (received.length > 0) return Math.max(0, clock.now() - Math.min(...received))
    if (page.cursor === undefined || pages === mostPages || clock.elapsed() >= until) return 0
    page = await inbox.list({ ...pending, cursor: page.cursor })
  }
}
