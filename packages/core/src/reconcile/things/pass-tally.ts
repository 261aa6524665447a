import type { Logger } from '../../contracts/logger.ts'
import type { Observe } from '../../contracts/receiver/observers.ts'
import type { MissingThing, ReconcileCounts } from '../../contracts/reconcile/reconcile.ts'
import type { ListedThing } from '../../contracts/reconcile/source.ts'
import { OverError } from '../ask/within.ts'
import { forgottenUntil, type MemorySpan } from '../lists/memory-span.ts'
import type { SettledThings } from './settled-things.ts'
import { isKnown, type TakingTools, takeListed } from './take-listed.ts'

export interface PassOptions extends TakingTools {
  readonly logger: Logger
  readonly observe: Observe
  readonly settled: SettledThings
  /** Only what ended since then is taken on, in milliseconds since 1970. */
  readonly since: number
  readonly dryRun: boolean
  readonly over: AbortSignal
  readonly memory: MemorySpan
}

export const noCounts: ReconcileCounts = {
  listed: 0,
  missing: 0,
  takenOn: 0,
  left: 0,
  calls: 0,
  more: false,
  things: [],
}

const mostThingsTold = 100
/** Two clocks may differ by this much without anything forgotten being taken on again. */
const mostToleranceMs = 5 * 60_000

/** One pass: what becomes of each thing that it finds, and its result. */
export class PassTally {
  /** Whether a list was not read to its end. */
  isIncomplete = false
  readonly #options: PassOptions
  readonly #things: MissingThing[] = []
  #listed = 0
  #missing = 0
  #takenOn = 0
  #left = 0
  /** Ended, but without a time. */
  #timeless = 0

  constructor(options: PassOptions) {
    this.#options = options
  }

  get counts(): ReconcileCounts {
    return {
      listed: this.#listed,
      missing: this.#missing,
      takenOn: this.#takenOn,
      left: this.#left,
      calls: 0,
      more: this.isIncomplete,
      things: this.#things,
    }
  }

  /** Takes a thing on, if it has ended and its time fits. True where it is settled, and need not be looked at again. */
  async settle(thing: ListedThing): Promise<boolean> {
    if (thing.isOther) return true
    this.#listed += 1
    if (!thing.hasEnded) return false
    const { settled, dryRun, over } = this.#options
    const name = JSON.stringify([thing.tenant ?? '', thing.subject, thing.status])
    if (settled.has(name)) return true
    const end = endOf(thing)
    if (end === undefined) {
      this.#timeless += 1
      settled.add(name) // logged once, not with every pass
      return true
    }
    if (!this.#isInTime(thing, end)) return true
    try {
      if (dryRun) return await this.#look(thing)
      const taken = await takeListed(thing, over, this.#options)
      if (taken === 'missing') this.#takeNote(thing)
      if (taken === 'in_progress') this.#left += 1
      else settled.add(name)
      return taken !== 'in_progress'
    } catch (err) {
      if (err instanceof OverError) throw err
      this.#left += 1
      const { logger, name: source, provider } = this.#options
      logger.error(
        { err, source, provider: provider.name, subject: thing.subject, status: thing.status },
        'the event of an ended thing could not be taken on: the next pass tries again',
      )
      return false
    }
  }

  /** One line for everything that was missing, with what a person can do about it. */
  tell(): void {
    const { logger, name, provider, dryRun } = this.#options
    if (this.#timeless > 0)
      logger.warn(
        { source: name, provider: provider.name, count: this.#timeless },
        'some things are listed as ended without the time of their end or creation: they are not taken on, as they may be old, handled and forgotten',
      )
    if (this.#missing === 0 || dryRun) return
    const reasons = [...new Set(this.#things.flatMap(({ deliveryFailed }) => deliveryFailed ?? []))]
    logger.warn(
      {
        source: name,
        provider: provider.name,
        subjects: this.#things.slice(0, 10).map(({ subject }) => subject),
        ...(reasons.length > 0 && { reasons: reasons.slice(0, 5) }),
      },
      `${this.#missing} ${this.#missing === 1 ? 'thing has' : 'things have'} ended without a webhook: taken on after asking the provider`,
    )
  }

  /** The earliest end that is taken on: nothing that ended before `since`, and nothing old enough to be forgotten. */
  #isInTime(thing: ListedThing, end: number): boolean {
    const { since, clock, memory } = this.#options
    return end >= since && isRecent(thing, clock.now(), memory)
  }

  async #look(thing: ListedThing): Promise<boolean> {
    const known = await isKnown(thing, this.#options.over, this.#options)
    if (!known) {
      this.#missing += 1
      this.#show(thing)
    }
    return known
  }

  #takeNote(thing: ListedThing): void {
    this.#missing += 1
    this.#takenOn += 1
    this.#show(thing)
  }

  #show({ subject, tenant, status, endedAt, deliveryFailed }: ListedThing): void {
    if (this.#things.length < mostThingsTold)
      this.#things.push({ subject, tenant, status, endedAt, deliveryFailed })
  }
}

/** When it ended, as far as the provider says. */
function endOf({ endedAt, createdAt }: ListedThing): number | undefined {
  return [endedAt, createdAt].find(Number.isFinite)
}

/** Whether its event can't have been taken on and forgotten. */
export function isRecent(thing: ListedThing, now: number, memory: MemorySpan): boolean {
  const tolerance = Math.min(mostToleranceMs, memory.windowMs / 10)
  return (endOf(thing) ?? now) - tolerance > forgottenUntil(memory, now)
}
