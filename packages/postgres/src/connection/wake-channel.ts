import { randomUUID } from 'node:crypto'
import type { Logger } from '@hookport/core'
import type { OwnClient } from '../pool.ts'
import type { Database } from './database.ts'
import { explainError } from './explain-error.ts'
import { inTime } from './in-time.ts'

/** Pause between two attempts to connect. */
const pauseMs = 1_000
/** Other processes are told of a source at most once in this time, as all that notify share one lock while they commit. */
const betweenTellingsMs = 10
/** How long the server has to take leave, before the connection is cut. */
const farewellMs = 1_000

const trouble =
  'the connection of listen can not be made: consumers are not woken by other processes, and ask once in pollMs'

/** Tells other processes of new events, and listens for theirs. A lost message only costs time, as consumers also ask by themselves. */
export class WakeChannel {
  readonly #database: Database
  readonly #connect: () => OwnClient
  readonly #channel: string
  readonly #self = randomUUID().slice(0, 8)
  readonly #toldAt = new Map<string, number>()
  #hear: ((source: string) => void) | undefined
  #logger: Logger | undefined
  #hasComplained = false
  #client: OwnClient | undefined
  #retry: NodeJS.Timeout | undefined
  #closed = false

  /** @param connect creates a client that is not connected yet, for a direct connection to the database. */
  constructor(database: Database, connect: () => OwnClient) {
    this.#database = database
    this.#connect = connect
    this.#channel = `hookport ${database.layout.schema}`
  }

  /** Calls `hear` with the source of what other processes have put. */
  listen(hear: (source: string) => void, logger: Logger): void {
    this.#logger = logger
    if (this.#hear) return
    this.#hear = hear
    void this.#open()
  }

  /** Call it after the put is committed. Does not fail. */
  tell(source: string): void {
    const now = performance.now()
    const at = this.#toldAt.get(source)
    if (at !== undefined && now < at) return // a message is scheduled, and will follow this put
    const wait = at === undefined ? 0 : Math.max(0, at + betweenTellingsMs - now)
    this.#toldAt.set(source, now + wait)
    setTimeout(() => {
      this.#database
        .ask('SELECT pg_notify($1, $2)', [this.#channel, `${this.#self} ${source}`])
        .catch(() => {})
    }, wait)
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#retry)
    const client = this.#client
    if (client === undefined) return
    await inTime(client.end(), farewellMs, 'the connection of listen did not end').catch(() =>
      client.connection?.stream?.destroy(),
    )
  }

  async #open(): Promise<void> {
    let client: OwnClient | undefined
    const lost = () => this.#openLater(client)
    try {
      client = this.#connect() // where the application makes its stream, that may fail
      this.#client = client
      client.on('error', lost)
      client.on('end', lost)
      client.on('notification', ({ payload = '' }) => {
        const [teller, source = ''] = payload.split(' ')
        if (teller !== this.#self) this.#hear?.(source)
      })
      await client.connect()
      await client.query(`LISTEN "${this.#channel}"`)
      this.#complaintIsOver()
      if (this.#closed) await client.end()
    } catch (err) {
      this.#complain(err)
      lost()
    }
  }

  #complain(err: unknown): void {
    if (this.#closed || this.#hasComplained) return
    this.#hasComplained = true
    const fix = 'give listen the URL of a direct connection to the database of the pool'
    this.#logger?.warn({ err: explainError(err, this.#database.layout), fix }, trouble)
  }

  #complaintIsOver(): void {
    if (!this.#hasComplained) return
    this.#hasComplained = false
    this.#logger?.warn({}, `${trouble}: this is over`)
  }

  #openLater(client: OwnClient | undefined): void {
    if (this.#closed || this.#client !== client) return
    this.#client = undefined
    client?.end().catch(() => {})
    this.#retry = setTimeout(() => void this.#open(), pauseMs).unref()
  }
}
