import type { EventRecord, PutResult } from '@hookport/core'
import { toJobData } from './job-data.ts'
import { jobIdOf, type Keys } from './keys.ts'
import type { ScriptRunner } from './script-runner.ts'
import { jobOptions } from './scripts.ts'

interface WaitingPut {
  readonly event: EventRecord
  readonly rememberMs: number
  resolve(result: PutResult): void
  reject(error: unknown): void
}

/** Events per call of the script. Bounds how long one call keeps Redis from others: some 2 ms. */
const batchSize = 64

/** Sends the puts of one turn of the event loop in one round trip. */
export class PutBatches {
  readonly #runner: ScriptRunner
  readonly #keys: Keys
  readonly #waiting = new Map<string, WaitingPut[]>()

  constructor(runner: ScriptRunner, keys: Keys) {
    this.#runner = runner
    this.#keys = keys
  }

  put(event: EventRecord, rememberMs: number): Promise<PutResult> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0) setImmediate(() => this.#sendAll())
      const ofProvider = this.#waiting.get(event.provider) ?? []
      this.#waiting.set(event.provider, ofProvider)
      ofProvider.push({ event, rememberMs, resolve, reject })
    })
  }

  #sendAll(): void {
    for (const [provider, puts] of this.#waiting) {
      for (let start = 0; start < puts.length; start += batchSize) {
        void this.#send(provider, puts.slice(start, start + batchSize))
      }
    }
    this.#waiting.clear()
  }

  async #send(provider: string, puts: readonly WaitingPut[]): Promise<void> {
    const queueKeys = ['wait', 'meta', 'active', 'events', 'marker', 'id'].map((name) =>
      this.#keys.ofQueue(provider, name),
    )
    try {
      const outcomes = (await this.#runner.run(
        'put',
        [...queueKeys, this.#keys.providers, ...puts.flatMap(({ event }) => this.#eventKeys(event))],
        [jobOptions, provider, ...puts.flatMap(eventArguments)],
      )) as readonly number[]
      for (const [index, { resolve }] of puts.entries()) resolve(toPutResult(outcomes[index]))
    } catch (error) {
      for (const { reject } of puts) reject(error)
    }
  }

  #eventKeys({ key, provider }: EventRecord): string[] {
    return [this.#keys.remembered(key), this.#keys.ofQueue(provider, jobIdOf(key)), this.#keys.claim(key)]
  }
}

function eventArguments({ event, rememberMs }: WaitingPut): (string | number)[] {
  const data = JSON.stringify(toJobData(event))
  return [event.fingerprint, rememberMs, jobIdOf(event.key), event.type, data, event.receivedAt]
}

function toPutResult(outcome: number | undefined): PutResult {
  return outcome === 0 ? { outcome: 'accepted' } : { outcome: 'duplicate', conflict: outcome === 2 }
}
