import type { Clock } from '../contracts/clock.ts'
import type { Counts, Inbox } from '../contracts/inbox/inbox.ts'
import { settledWithin } from '../time/deadlines.ts'
import { timersEndWithRequest } from '../time/timers-end-with-request.ts'

/** An answer that took less long is not kept. */
const longMs = 100

/** How many times longer an answer is kept than it took. So checks without a pause take up a twentieth of the store's time. */
const shareOfTime = 20

/** After that an answer is no longer expected, and the store is asked anew. */
const lostAfterMs = 60_000

interface Asked {
  readonly answer: Promise<Counts>
  goodUntil: number
}

/**
 * Counts the events of a source for health checks. To count them, a store may go through all that it keeps, which takes seconds where that is millions
 * of handled events. So checks share an answer, and one that comes late says nothing of whether the store can be reached.
 */
export class Counting {
  readonly #inbox: Inbox
  readonly #source: string
  readonly #clock: Required<Clock>
  #asked: Asked | undefined
  #last: Counts | undefined

  constructor(inbox: Inbox, source: string, clock: Required<Clock>) {
    this.#inbox = inbox
    this.#source = source
    this.#clock = clock
  }

  /** The counts of now, or earlier ones where counting takes long. Waits for the first of all; for others no longer than `withinMs`. */
  ask(withinMs: number): Promise<Counts> {
    const { answer } = this.#share()
    if (this.#last === undefined) return answer
    const last = this.#last
    const tooLate = new Error('counting takes long')
    return settledWithin(answer, withinMs, this.#clock, { onTimeout: () => tooLate }).catch((error) => {
      if (error !== tooLate) throw error
      return last
    })
  }

  #share(): Asked {
    const askedAt = this.#clock.elapsed()
    if (this.#asked !== undefined && askedAt < this.#asked.goodUntil) return this.#asked
    const answer = Promise.resolve(this.#inbox.counts({ source: this.#source }))
    // Where promises end with the request that made them, another request would wait in vain.
    const asked: Asked = { answer, goodUntil: timersEndWithRequest() ? askedAt : askedAt + lostAfterMs }
    this.#asked = asked
    answer.then(
      (counts) => {
        const now = this.#clock.elapsed()
        const tookMs = now - askedAt
        const isQuick = tookMs < longMs || this.#last === undefined // the first may have waited for a connection
        this.#last = counts
        asked.goodUntil = isQuick ? now : now + tookMs * shareOfTime
      },
      () => {
        asked.goodUntil = askedAt
      },
    )
    return asked
  }
}
