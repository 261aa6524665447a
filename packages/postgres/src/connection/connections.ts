import type { PostgresClient, PostgresPool } from '../pool.ts'
import { inTime, TooLate } from './in-time.ts'
import { isOfStatement } from './kinds-of-error.ts'
import { ownTypes } from './read-value.ts'
import { hearStatus, isInTransaction } from './transaction-status.ts'

interface Waiting {
  readonly urgent: boolean
  begin(): void
}

/** The number of connections where a pool does not say it: the default of `pg`. */
const usualSize = 10

const heard = new WeakSet<PostgresPool>()

/**
 * The connections of a pool that the inbox may use: half of them, as the rest is the application's. Requests that a sender waits for go first. One
 * connection is reserved for them, and not used for work on events.
 */
export class Connections {
  readonly #pool: PostgresPool
  readonly #most: number
  readonly #mostOfWork: number
  #used = 0
  #usedByWork = 0
  #waiting: Waiting[] = []

  constructor(pool: PostgresPool) {
    this.#pool = pool
    this.#most = Math.max(1, Math.floor((pool.options?.max ?? usualSize) / 2))
    this.#mostOfWork = Math.max(1, this.#most - 1)
    hearErrors(pool as PostgresPool & PoolOfNew)
  }

  /** How many may be used at the same time. */
  get most(): number {
    return this.#most
  }

  /** Runs `use` on a connection. Rejects where none is free within `timeoutMs`. */
  async with<Result>(
    { urgent, timeoutMs }: { urgent: boolean; timeoutMs: number },
    use: (client: PostgresClient) => Promise<Result>,
  ): Promise<Result> {
    const giveUpAt = performance.now() + timeoutMs
    await this.#turn(urgent, timeoutMs)
    try {
      const client = await this.#connectAtRest(giveUpAt)
      return await borrow(client, use)
    } finally {
      this.#leave(urgent)
    }
  }

  #hasRoom(urgent: boolean): boolean {
    return this.#used < this.#most && (urgent || this.#usedByWork < this.#mostOfWork)
  }

  async #turn(urgent: boolean, timeoutMs: number): Promise<void> {
    if (this.#hasRoom(urgent)) return this.#enter(urgent)
    await new Promise<void>((resolve, reject) => {
      const begin = () => {
        clearTimeout(timer)
        resolve()
      }
      const waiting = { urgent, begin }
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting)
        reject(
          new TooLate(`none of the ${this.#most} connections that the inbox may use was free`, timeoutMs),
        )
      }, timeoutMs)
      this.#waiting.push(waiting)
    })
  }

  #enter(urgent: boolean): void {
    this.#used += 1
    if (!urgent) this.#usedByWork += 1
  }

  #leave(urgent: boolean): void {
    this.#used -= 1
    if (!urgent) this.#usedByWork -= 1
    const next =
      this.#waiting.find((one) => one.urgent) ?? // for them there is room now
      this.#waiting.find((one) => this.#hasRoom(one.urgent))
    if (!next) return
    this.#waiting = this.#waiting.filter((one) => one !== next)
    this.#enter(next.urgent)
    next.begin()
  }

  /**
   * The application may have given a connection back in the midst of a transaction. Nobody knows whether that will be committed, and so what is said in
   * it would not be stored. Such a connection is given up.
   */
  async #connectAtRest(giveUpAt: number): Promise<PostgresClient> {
    const leftMs = () => Math.max(1, giveUpAt - performance.now())
    for (;;) {
      const client = await this.#connect(leftMs())
      hearStatus(client)
      if (!isInTransaction(client) || !(await staysInTransaction(client, leftMs() / 2))) return client
      client.release(new Error('postgresInbox: the connection was given back in the midst of a transaction'))
    }
  }

  /** The application may be using all of them, and a server may not answer. A connection that comes too late is returned. */
  async #connect(timeoutMs: number): Promise<PostgresClient> {
    const connecting = this.#pool.connect()
    try {
      return await inTime(connecting, timeoutMs, 'the pool had no connection to give')
    } catch (error) {
      connecting.then(
        (client) => client.release(),
        () => {},
      )
      throw error
    }
  }
}

/** An error between two statements only reaches the connection's listeners. Without a listener it would end the process. */
async function borrow<Result>(
  client: PostgresClient,
  use: (client: PostgresClient) => Promise<Result>,
): Promise<Result> {
  let broken: Error | undefined
  const breaks = (error: Error) => {
    broken = error
  }
  client.on('error', breaks)
  try {
    return await use(client)
  } catch (error) {
    if (!isOfStatement(error)) broken ??= error instanceof Error ? error : new Error(String(error))
    throw error
  } finally {
    client.removeListener('error', breaks)
    if (broken) client.release(broken)
    else client.release()
  }
}

/**
 * The application may have sent its COMMIT or ROLLBACK, and not waited for it: to give the connection up would end it meanwhile, and reject a promise that
 * nobody looks at. A statement behind it is answered after it.
 */
async function staysInTransaction(client: PostgresClient, timeoutMs: number): Promise<boolean> {
  client.on('error', ignore)
  try {
    await inTime(
      client.query({ text: 'SELECT 1', types: ownTypes }),
      timeoutMs,
      'the database did not answer',
    )
    return isInTransaction(client)
  } catch {
    return true // it has failed, or the connection has
  } finally {
    client.removeListener('error', ignore)
  }
}

/**
 * A pool emits the errors of idle connections. They can be ignored: the pool opens a new connection when one is needed. A new connection may end in the
 * moment in which the pool hands it out, when it has no listener any more, and `borrow` has not yet added its own.
 */
function hearErrors(pool: PostgresPool & PoolOfNew): void {
  if (heard.has(pool)) return
  heard.add(pool)
  pool.on('error', ignore)
  pool.on('connect', (client) => {
    client.on('error', ignore)
    hearStatus(client)
  })
}

interface PoolOfNew {
  on(event: 'connect', listener: (client: PostgresClient) => void): unknown
}

function ignore(): void {}
