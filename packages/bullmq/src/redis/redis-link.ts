import { setTimeout as sleep } from 'node:timers/promises'
import { allowFull } from '../scripts/parts/prelude.ts'
import type { RedisClient } from './connections.ts'
import { endingMs, patienceMs, RedisConnection } from './redis-connection.ts'
import { type Command, commandOf, type ScriptCall, type Values } from './script-call.ts'
import { type ScriptName, scripts } from './scripts.ts'
import { lateError, Silence } from './silence.ts'
import { isConnectionLost, isNotWritable, isTimeout, isUnknownFlag, layoutIn } from './trouble.ts'

/**
 * @param found the version that Redis has, 0 for none.
 * @param hadOurs whether it had ours before.
 */
type MakeLayout = (link: RedisLink, found: number, hadOurs: boolean) => Promise<void>

/** A replica carries them out, so that their success does not say that it can be written to. */
const onlyReads: ReadonlySet<ScriptName> = new Set(['counts', 'scan', 'find', 'knows'])

/**
 * Runs scripts on one connection. If Redis can't be written to any more, it connects again, as the name may lead to another Redis by now.
 */
export class RedisLink extends RedisConnection {
  /** Called where Redis has another version of the layout. Once it resolves, calls are sent again. */
  readonly #makeLayout: MakeLayout
  /** Whether Redis had the layout at the last call. */
  #hadLayout = false
  /** A call that writes has shown it. */
  #doWritesFail = false
  readonly #silence = new Silence()
  /** This Redis does not accept flags in scripts: it is older than 7. */
  #isOld = false

  constructor(client: RedisClient, makeLayout: MakeLayout) {
    super(client)
    this.#makeLayout = makeLayout
    for (const [name, lua] of Object.entries(scripts)) {
      client.defineCommand(commandOf(name as ScriptName, false), { lua })
      client.defineCommand(commandOf(name as ScriptName, true), { lua: lua.replace(allowFull, '') })
    }
  }

  async run<Answer>(call: ScriptCall<Answer>): Promise<Answer> {
    const giveUpAt = performance.now() + patienceMs
    for (let isAgain = false; ; ) {
      await this.untilReady()
      const isPlain = this.#isOld
      const args = call.args(isAgain)
      this.#silence.assertRoomFor(args)
      try {
        const answer = await this.#send(call, args, isPlain)
        this.#silence.end()
        this.#hadLayout = call.script !== 'migrate'
        if (!onlyReads.has(call.script) || !this.#doWritesFail) {
          this.#doWritesFail = false
          this.heal()
        }
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
      throw this.explained(error)
    }
  }

  async #send<Answer>(
    { script, keys, read }: ScriptCall<Answer>,
    args: Values,
    isPlain: boolean,
  ): Promise<Answer> {
    const command = Reflect.get(this.client, commandOf(script, isPlain)) as Command
    return read(await command.call(this.client, keys.length, ...keys, ...args))
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
      await this.leave(error, isOver)
    } else if (repeatable && !isOver && isConnectionLost(error) && this.break() > 0) {
      await sleep(endingMs)
      return true
    } else if (isTimeout(error)) {
      this.#waitForAnswer(keys)
      throw lateError(error)
    } else throw this.explained(error)
    return false
  }

  /** By a small call behind those that are late. */
  #waitForAnswer(keys: Values): void {
    const small = { script: 'knows', keys, args: () => [], repeatable: true, read: () => undefined } as const
    void this.#silence.begin(
      () => this.#send(small, [], this.#isOld),
      () => this.reconnect(),
    )
  }
}
