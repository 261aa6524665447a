import type { Keys } from '../layout/keys.ts'
import type { MemoryWatch } from '../redis/memory-watch.ts'
import type { RedisLink } from '../redis/redis-link.ts'
import type { ScriptName } from '../redis/scripts.ts'

/** Jobs that wait for a process that has a handler for their type. */
export class ParkedJobs {
  readonly #link: RedisLink
  readonly #keys: Keys
  readonly #memory: MemoryWatch

  constructor(link: RedisLink, keys: Keys, memory: MemoryWatch) {
    this.#link = link
    this.#keys = keys
    this.#memory = memory
  }

  /**
   * Parked jobs cause no refusal. If they are what fills Redis's memory, the oldest of each source are dropped until there is room. If memory is
   * short for another reason, they stay. Answers whether any was dropped.
   */
  async giveWay(): Promise<boolean> {
    const sources = await this.#link.ask((redis) => redis.smembers(this.#keys.sources))
    let bytes = 0
    for (const source of sources) bytes += await this.#run('parked', source)
    if (!this.#memory.isFilledBy(bytes)) return false
    let hasDropped = false
    for (const source of sources) {
      for (let isMore = true; isMore; ) {
        isMore = (await this.#run('shed', source, this.#memory.maxShare)) > 0
        hasDropped ||= isMore
        if (this.#memory.hasRoom) return hasDropped
      }
    }
    return hasDropped
  }

  /** Runs a script that answers a memory report and a number, and returns the number. */
  async #run(script: ScriptName, source: string, ...args: readonly number[]): Promise<number> {
    const keys = this.#keys.ofScripts(source)
    const [memory, count] = await this.#link.run({
      script,
      keys,
      args: () => args,
      repeatable: true,
      read: (reply) => reply as [memory: readonly number[], count: number],
    })
    this.#memory.note(memory)
    return count
  }
}
