import type { EventRecord, PutResult } from '@hookport/core'
import { BatchByProvider } from './batch.ts'
import { toJobData } from './job-data.ts'
import { jobIdOf, type Keys } from './keys.ts'
import type { ScriptRunner } from './script-runner.ts'
import { jobOptions } from './scripts.ts'

interface Put {
  readonly event: EventRecord
  readonly rememberMs: number
}

/** Takes events on, as jobs of their provider's queue. */
export class Puts {
  readonly #runner: ScriptRunner
  readonly #keys: Keys
  readonly #puts = new BatchByProvider((provider, puts: readonly Put[]) => this.#send(provider, puts))

  constructor(runner: ScriptRunner, keys: Keys) {
    this.#runner = runner
    this.#keys = keys
  }

  put(event: EventRecord, rememberMs: number): Promise<PutResult> {
    return this.#puts.add(event.provider, { event, rememberMs })
  }

  async #send(provider: string, puts: readonly Put[]): Promise<PutResult[]> {
    const queueKeys = ['wait', 'meta', 'active', 'events', 'marker', 'id'].map((name) =>
      this.#keys.ofQueue(provider, name),
    )
    const outcomes = (await this.#runner.run(
      'put',
      [...queueKeys, this.#keys.providers, ...puts.flatMap(({ event }) => this.#eventKeys(event))],
      [jobOptions, provider, ...puts.flatMap(eventArguments)],
    )) as number[]
    return outcomes.map(toPutResult)
  }

  #eventKeys({ key, provider }: EventRecord): string[] {
    return [this.#keys.remembered(key), this.#keys.ofQueue(provider, jobIdOf(key)), this.#keys.claim(key)]
  }
}

function eventArguments({ event, rememberMs }: Put): (string | number)[] {
  const data = JSON.stringify(toJobData(event))
  return [event.fingerprint, Math.ceil(rememberMs), jobIdOf(event.key), event.type, data, event.receivedAt]
}

function toPutResult(outcome: number): PutResult {
  return outcome === 0 ? { outcome: 'accepted' } : { outcome: 'duplicate', conflict: outcome === 2 }
}
