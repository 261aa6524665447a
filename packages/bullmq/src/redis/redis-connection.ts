import { setTimeout as sleep } from 'node:timers/promises'
import { databaseOf, type RedisClient } from './connections.ts'
import { lateError } from './silence.ts'
import { closedError, isAboutRetries, isConnectionLost, isTimeout, unreachableError } from './trouble.ts'

/** How long calls wait for a connection after it was lost. Together with the call itself, this is less than `acceptTimeout`, 3 s by default. */
export const patienceMs = 2_500

/** Pause between two attempts on an open connection. */
const pauseMs = 100

/** A connection that is about to end says that it is ready. What is sent on it fails at once. */
export const endingMs = 5

/** Pause between two new connections because Redis can't be written to. */
const reconnectionPauseMs = 1_000

/**
 * A connection that waits while it is broken. Once that takes longer than a sender waits, or a reply does, it rejects at once until it is over.
 */
export class RedisConnection {
  readonly client: RedisClient
  /** Since when nothing was answered. Undefined while there is no trouble. */
  #brokenAt: number | undefined
  /** It is open, but Redis can't be written to. */
  #isUnwritable = false
  #lastError: unknown
  #ready: Promise<void> | undefined
  #reconnectedAt = Number.NEGATIVE_INFINITY
  /** Whether Redis has let it into the database of its options. All connections begin in database 0. */
  #isInDatabase: boolean
  #closed = false

  constructor(client: RedisClient) {
    this.client = client
    this.#isInDatabase = databaseOf(client) === 0
    client.on('close', () => {
      this.#isInDatabase = databaseOf(client) === 0
      this.break()
    })
    client.on('ready', () => {
      if (!this.#isUnwritable) this.#brokenAt = undefined
    })
    client.on('error', (error) => {
      this.#lastError = error
    })
  }

  /** Rejects where there is no connection in time. */
  async untilReady(): Promise<void> {
    while (this.client.status !== 'ready' || !this.#isInDatabase) {
      this.#ready ??= this.#becomeReady().finally(() => {
        this.#ready = undefined
      })
      await this.#ready
    }
  }

  /** Opens another connection, unless that was done a moment ago. */
  reconnect(): void {
    const now = performance.now()
    if (now - this.#reconnectedAt < reconnectionPauseMs || this.client.status !== 'ready') return
    this.#reconnectedAt = now
    this.client.disconnect(true)
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.client.status === 'ready') await this.client.quit().catch(() => {})
    this.client.disconnect()
  }

  /** Gives up the connection at once. */
  abandon(): void {
    this.#closed = true
    this.client.disconnect()
  }

  /** It was answered: there is no trouble any more. */
  protected heal(): void {
    this.#brokenAt = undefined
    this.#isUnwritable = false
  }

  /** Records that there is trouble. Answers how many milliseconds more to wait for its end. */
  protected break(): number {
    this.#brokenAt ??= performance.now()
    return Math.max(0, this.#brokenAt + patienceMs - performance.now())
  }

  /** Connects again, as Redis can't be written to, and lets some time pass. Throws where that does not end. */
  protected async leave(error: unknown, isOver: boolean): Promise<void> {
    const patienceLeftMs = this.break()
    this.#isUnwritable = true
    this.reconnect()
    if (isOver || patienceLeftMs === 0 || this.#closed) throw error
    await sleep(Math.min(pauseMs, patienceLeftMs))
  }

  /** What to throw in place of an error of the client. */
  protected explained(error: unknown): unknown {
    if (this.#closed && isConnectionLost(error)) return closedError()
    if (isTimeout(error)) return lateError(error)
    return isAboutRetries(error) ? this.#unreachable() : error
  }

  #unreachable(): Error {
    if (this.#closed) return closedError()
    return unreachableError(this.client.status, this.#lastError)
  }

  async #becomeReady(): Promise<void> {
    if (this.client.status !== 'ready') await this.#becomeConnected()
    if (!this.#isInDatabase) await this.#enterDatabase()
  }

  /** ioredis has asked for it too, but goes on in database 0 where it is refused, which is another one's. */
  async #enterDatabase(): Promise<void> {
    const database = databaseOf(this.client)
    try {
      await this.client.select(database)
      this.#isInDatabase = true
    } catch (error) {
      if (isConnectionLost(error)) return sleep(endingMs) // asked again on the next connection
      const { message } = error as Error
      throw new Error(`Redis does not let this inbox into its database ${database}: ${message}`, {
        cause: error,
      })
    }
  }

  async #becomeConnected(): Promise<void> {
    const { client } = this
    if (this.#closed) throw closedError()
    if (client.status === 'wait' || client.status === 'end') client.connect().catch(() => {}) // its events report failures
    const patienceLeftMs = this.break()
    if (patienceLeftMs === 0) throw this.#unreachable()
    await new Promise<void>((resolve, reject) => {
      const settle = (act: () => void) => () => {
        clearTimeout(timer)
        client.off('ready', becameReady)
        client.off('end', giveUp)
        act()
      }
      const becameReady = settle(resolve)
      const giveUp = settle(() => reject(this.#unreachable()))
      const timer = setTimeout(giveUp, patienceLeftMs)
      client.on('ready', becameReady)
      client.on('end', giveUp) // it was closed
    })
  }
}
