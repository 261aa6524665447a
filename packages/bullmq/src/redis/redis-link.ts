import { setTimeout as sleep } from 'node:timers/promises'
import { allowFull } from '../scripts/parts/prelude.ts'
import { databaseOf, type RedisClient } from './connections.ts'
import { type Command, commandOf, type ScriptCall } from './script-call.ts'
import { type ScriptName, scripts } from './scripts.ts'
import { lateError, Silence } from './silence.ts'
import {
  closedError,
  isAboutRetries,
  isConnectionLost,
  isNotWritable,
  isTimeout,
  isUnknownFlag,
  layoutIn,
  unreachableError,
} from './trouble.ts'

/**
 * @param found the version that Redis has, 0 for none.
 * @param hadOurs whether it had ours before.
 */
type MakeLayout = (link: RedisLink, found: number, hadOurs: boolean) => Promise<void>

/** How long calls wait for a connection after it was lost. Together with the call itself, this is less than `acceptTimeout`, 3 s by default. */
const patienceMs = 2_500

/** Pause between two attempts on an open connection. */
const pauseMs = 100

/** A connection that is about to end says that it is ready. What is sent on it fails at once. */
const endingMs = 5

/** A replica carries them out, so that their success does not say that it can be written to. */
const onlyReads: ReadonlySet<ScriptName> = new Set(['counts', 'scan', 'find', 'knows'])

/** Pause between two new connections because Redis can't be written to. */
const reconnectionPauseMs = 1_000

/**
 * Runs scripts on one connection. It waits for a broken connection. If Redis can't be written to any more, it connects again, as the name may lead to
 * another Redis by now. Once that takes longer than a sender waits, or a reply does, calls reject at once until it is over.
 */
export class RedisLink {
  readonly client: RedisClient
  /** Called where Redis has another version of the layout. Once it resolves, calls are sent again. */
  readonly #makeLayout: MakeLayout
  /** Whether Redis had the layout at the last call. */
  #hadLayout = false
  /** Since when nothing was answered. Undefined while there is no trouble. */
  #brokenAt: number | undefined
  /** The connection is open, but Redis can't be written to. */
  #isUnwritable = false
  /** A call that writes has shown it. */
  #doWritesFail = false
  #lastError: unknown
  readonly #silence = new Silence()
  #ready: Promise<void> | undefined
  #reconnectedAt = Number.NEGATIVE_INFINITY
  /** Whether Redis has let it into the database of its options. All connections begin in database 0. */
  #isInDatabase: boolean
  #closed = false
  /** This Redis does not accept flags in scripts: it is older than 7. */
  #isOld = false

  constructor(client: RedisClient, makeLayout: MakeLayout) {
    this.client = client
    this.#makeLayout = makeLayout
    this.#isInDatabase = databaseOf(client) === 0
    for (const [name, lua] of Object.entries(scripts)) {
      client.defineCommand(commandOf(name as ScriptName, false), { lua })
      client.defineCommand(commandOf(name as ScriptName, true), { lua: lua.replace(allowFull, '') })
    }
    client.on('close', () => {
      this.#isInDatabase = databaseOf(client) === 0
      this.#break()
    })
    client.on('ready', () => {
      if (!this.#isUnwritable) this.#brokenAt = undefined
    })
    client.on('error', (error) => {
      this.#lastError = error
    })
  }

  async run<Answer>(call: ScriptCall<Answer>): Promise<Answer> {
    const giveUpAt = performance.now() + patienceMs
    for (let isAgain = false; ; ) {
      await this.untilReady()
      this.#silence.assertOver()
      const isPlain = this.#isOld
      try {
        const answer = await this.#send(call, isAgain, isPlain)
        this.#silence.end()
        this.#hadLayout = call.script !== 'migrate'
        if (!onlyReads.has(call.script) || !this.#doWritesFail) this.#heal()
        return answer
      } catch (error) {
        const mayHaveRun = await this.#recover(error, call, isPlain, giveUpAt)
        isAgain ||= mayHaveRun
      }
    }
  }

  /** Sends what is no script, once there is a connection. */
  async ask<Answer>(send: (client: RedisClient) => Promise<Answer>): Promise<Answer> {
    await this.untilReady()
    try {
      return await send(this.client)
    } catch (error) {
      throw this.#explained(error)
    }
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

  async #send<Answer>(
    { script, keys, args, read }: ScriptCall<Answer>,
    isAgain: boolean,
    isPlain: boolean,
  ): Promise<Answer> {
    const command = Reflect.get(this.client, commandOf(script, isPlain)) as Command
    return read(await command.call(this.client, keys.length, ...keys, ...args(isAgain)))
  }

  /**
   * Does what is possible about an error before the call is sent again, or throws it. Answers whether the call may have run.
   *
   * @param wasPlain whether it was sent without flags. Several calls may be under way when the first is refused for its flags.
   * @param giveUpAt when it is not sent again, also where the trouble has ended and begun anew meanwhile.
   */
  async #recover(
    error: unknown,
    { script, keys, repeatable }: ScriptCall<unknown>,
    wasPlain: boolean,
    giveUpAt: number,
  ): Promise<boolean> {
    const isOver = performance.now() >= giveUpAt
    const found = layoutIn(error)
    if (found !== undefined) {
      const hadOurs = this.#hadLayout
      this.#hadLayout = false // told once, by the first of several calls
      await this.#makeLayout(this, found, hadOurs)
    } else if (isUnknownFlag(error) && !wasPlain) this.#isOld = true
    else if (isNotWritable(error)) {
      this.#doWritesFail ||= !onlyReads.has(script)
      await this.#leave(error, isOver)
    } else if (repeatable && !isOver && isConnectionLost(error) && this.#break() > 0) {
      await sleep(endingMs)
      return true
    } else if (isTimeout(error)) {
      const small = {
        script: 'knows',
        keys,
        args: () => [],
        repeatable: true,
        read: () => undefined,
      } as const
      const ask = () => this.#send(small, false, this.#isOld)
      void this.#silence.begin(ask, () => this.reconnect())
      throw lateError(error)
    } else throw this.#explained(error)
    return false
  }

  #heal(): void {
    this.#brokenAt = undefined
    this.#isUnwritable = false
    this.#doWritesFail = false
  }

  /** Records that there is trouble. Answers how many milliseconds more to wait for its end. */
  #break(): number {
    this.#brokenAt ??= performance.now()
    return Math.max(0, this.#brokenAt + patienceMs - performance.now())
  }

  async #leave(error: unknown, isOver: boolean): Promise<void> {
    const patienceLeftMs = this.#break()
    this.#isUnwritable = true
    this.reconnect()
    if (isOver || patienceLeftMs === 0 || this.#closed) throw error
    await sleep(Math.min(pauseMs, patienceLeftMs))
  }

  #explained(error: unknown): unknown {
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
    const patienceLeftMs = this.#break()
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
