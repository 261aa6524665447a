import { once } from 'node:events'
import type { RedisClient } from './connections.ts'
import { buryScript, claimScript, confirmScript, putScript, releaseScript, renewScript } from './scripts.ts'

const scripts = {
  put: putScript,
  claim: claimScript,
  renew: renewScript,
  release: releaseScript,
  confirm: confirmScript,
  bury: buryScript,
}

export type ScriptName = keyof typeof scripts

type Values = readonly (string | number | Buffer)[]
type Command = (keyCount: number, ...keysAndArguments: Values) => Promise<unknown>

/** How long the first connection may take. Under acceptTimeout, 3 s by default. */
const connectMs = 2_500

/** Runs the inbox's scripts on one connection. Rejects, soon, where Redis does not answer. */
export class ScriptRunner {
  readonly #client: RedisClient
  #connecting: Promise<void> | undefined

  constructor(client: RedisClient) {
    this.#client = client
    for (const [name, lua] of Object.entries(scripts))
      client.defineCommand(commandOf(name as ScriptName), { lua })
  }

  async run(script: ScriptName, keys: Values, args: Values): Promise<unknown> {
    if (this.#client.status !== 'ready') await this.connect()
    const command = Reflect.get(this.#client, commandOf(script)) as Command
    return command.call(this.#client, keys.length, ...keys, ...args)
  }

  /** Waits for the first connection, within bounds. When that fails, or one is lost later, commands fail until the next stands. */
  async connect(): Promise<void> {
    if (this.#client.status === 'wait') this.#connecting = this.#connect()
    await this.#connecting
  }

  /** What ioredis promises of a cluster that is not in working order may never settle. */
  async #connect(): Promise<void> {
    const ready = once(this.#client, 'ready', { signal: AbortSignal.timeout(connectMs) })
    try {
      await Promise.race([this.#client.connect(), ready])
    } finally {
      this.#connecting = undefined
    }
  }
}

function commandOf(script: ScriptName): string {
  return `hookport_${script}`
}
