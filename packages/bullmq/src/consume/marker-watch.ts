import { setTimeout as sleep } from 'node:timers/promises'
import type { RedisLink } from '../redis/redis-link.ts'
import { isNotWritable } from '../redis/trouble.ts'

/** How long Redis holds one waiting call. It is shorter than the time after which a silent connection is given up. */
const blockSeconds = 10

const firstPauseMs = 100
const longestPauseMs = 1_000

/** What Redis refuses, it refuses at once. A call that lasts longer than this is waiting. */
const waitsAfterMs = 1_000

/** Waits for BullMQ's marker, which is set whenever a job becomes due. One of all waiting consumers gets it. */
export class MarkerWatch {
  readonly #link: RedisLink
  readonly #key: string
  readonly #found: () => void
  #isWaiting = false
  #trouble: unknown
  #stopped = false

  constructor(link: RedisLink, key: string, found: () => void) {
    this.#link = link
    this.#key = key
    this.#found = found
  }

  /** Why it can't wait at present. Undefined where it can. */
  get trouble(): unknown {
    return this.#trouble
  }

  /** Waits until the marker is found, once. */
  start(): void {
    if (this.#isWaiting) return
    this.#isWaiting = true
    void this.#wait()
  }

  stop(): void {
    this.#stopped = true
    this.#link.abandon()
  }

  async #wait(): Promise<void> {
    for (let pauseMs = firstPauseMs; !this.#stopped; ) {
      try {
        await this.#link.untilReady()
        const found = await this.#asWell(this.#link.client.bzpopmin(this.#key, blockSeconds))
        pauseMs = firstPauseMs
        if (found) break
      } catch (error) {
        this.#trouble = error
        if (isNotWritable(error)) this.#link.reconnect()
        await sleep(pauseMs)
        pauseMs = Math.min(2 * pauseMs, longestPauseMs)
      }
    }
    this.#isWaiting = false
    if (!this.#stopped) this.#found()
  }

  /** There is trouble until a call has waited, or was answered: a consumer that is busy looks often, and also between a call and its refusal. */
  async #asWell<Answer>(call: Promise<Answer>): Promise<Answer> {
    const isOver = () => {
      this.#trouble = undefined
    }
    const timer = setTimeout(isOver, waitsAfterMs)
    try {
      const answer = await call
      isOver()
      return answer
    } finally {
      clearTimeout(timer)
    }
  }
}
