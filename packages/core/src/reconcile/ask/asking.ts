import type { Clock } from '../../contracts/clock.ts'
import type { Logger } from '../../contracts/logger.ts'
import type { Asking, RateLimit, Source } from '../../contracts/reconcile/source.ts'
import { type Awaitable, isPromise } from '../../time/awaitable.ts'
import { settledWithin } from '../../time/deadlines.ts'
import { OverError } from './within.ts'

/** How often one thing is asked for in one pass. */
const attempts = 6
const firstWaitMs = 1_000
const longestWaitMs = 60_000
/** Never left alone for longer. A time in the wrong unit, or an answer of something in between, would end reconciling for good. */
const longestPauseMs = 3_600_000
/** How long to wait for one answer. Well below the lease of a pass. */
const answerTimeoutMs = 15_000

/**
 * Asks a provider. It stays within its share of the rate limit, waits a limited time for each answer, and retries where there is none. There is one
 * per source in a process, so that all questions share the limit.
 */
export class Questions {
  readonly #source: Pick<Source, 'share' | 'isFinal'>
  readonly #clock: Required<Clock>
  readonly #logger: Logger
  /** Nothing is asked before this elapsed time. */
  #pausedUntil = 0
  #calls = 0

  /** @param logger told of every wait, so that people who wait for a pass can see why. */
  constructor(source: Pick<Source, 'share' | 'isFinal'>, clock: Required<Clock>, logger: Logger) {
    this.#source = source
    this.#clock = clock
    this.#logger = logger
  }

  /** Requests so far, repeated ones included. */
  get calls(): number {
    return this.#calls
  }

  /**
   * @param question if it answers without a promise, no request was made.
   * @param over aborted when the time is over.
   * @throws {OverError} in that case, with what the last attempt threw as its cause. Otherwise what the last attempt threw.
   */
  async ask<Answer>(question: (asking: Asking) => Awaitable<Answer>, over: AbortSignal): Promise<Answer> {
    let cause: unknown
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#pause(this.#pausedUntil - this.#clock.elapsed(), over)
        return await this.#askOnce(question, over)
      } catch (error) {
        if (over.aborted) throw new OverError('the time is over', { cause })
        cause = error
        if (attempt === attempts || this.#source.isFinal(error)) throw error
        const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1))
        const ownWaitMs = waitMs * (0.75 + Math.random() / 2)
        const pauseMs = Math.min(longestPauseMs, Math.max(askedWaitOf(error) ?? 0, ownWaitMs)) // the wait may already be over by the provider's clock
        this.#pauseFor(pauseMs)
        this.#logger.info(
          { err: error, attempt, waitMs: pauseMs },
          `the provider did not answer as expected: it is asked again in ${secondsOf(pauseMs)}`,
        )
      }
    }
  }

  async #askOnce<Answer>(
    question: (asking: Asking) => Awaitable<Answer>,
    over: AbortSignal,
  ): Promise<Answer> {
    const aborting = new AbortController()
    let stopListening = () => {}
    const ended = new Promise<never>((_, reject) => {
      const end = () => reject(new OverError())
      over.addEventListener('abort', end)
      stopListening = () => over.removeEventListener('abort', end)
    })
    ended.catch(() => {}) // nobody waits for it where the question answers at once
    try {
      const asking = { signal: aborting.signal, onRateLimit: (rate: RateLimit) => this.#heed(rate) }
      const given = question(asking)
      if (!isPromise(given)) return given
      this.#calls += 1
      const answer = settledWithin(given, answerTimeoutMs, this.#clock, {
        onTimeout: () => new Error(`the provider did not answer within ${answerTimeoutMs} ms`),
      })
      return await Promise.race([answer, ended])
    } finally {
      stopListening()
      aborting.abort()
    }
  }

  /** Waits where its share of this window is used up. A source may have read a number that is none from a header. */
  #heed({ limit, remaining, resetMs }: RateLimit): void {
    const isUsedUp = remaining <= limit * (1 - this.#source.share)
    if (!isUsedUp || Number.isNaN(resetMs)) return
    const waitMs = Math.min(longestPauseMs, Math.max(0, resetMs)) // the window may already be over by our clock
    this.#pauseFor(waitMs)
    this.#logger.info(
      { limit, remaining, waitMs },
      `its share of the rate limit is used up: the provider is asked again in ${secondsOf(waitMs)}`,
    )
  }

  #pauseFor(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.elapsed() + ms)
  }

  /** @throws {OverError} as soon as the time is over. */
  #pause(ms: number, over: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (over.aborted) return reject(new OverError())
      if (ms <= 0) return resolve()
      const giveUp = () => {
        cancel()
        reject(new OverError())
      }
      const cancel = this.#clock.after(
        ms,
        () => {
          over.removeEventListener('abort', giveUp)
          resolve()
        },
        { background: true },
      )
      over.addEventListener('abort', giveUp, { once: true })
    })
  }
}

function secondsOf(ms: number): string {
  return `${Math.ceil(ms / 1000)} s`
}

/** The wait that an error asks for. */
function askedWaitOf(error: unknown): number | undefined {
  const { retryAfterMs } = (error ?? {}) as { retryAfterMs?: unknown }
  return typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? retryAfterMs : undefined
}
