import { randomUUID } from 'node:crypto'
import type {
  ClaimOptions,
  ClaimResult,
  EventRecord,
  Failure,
  Lease,
  Progress,
  PutOptions,
} from '@hookport/core'
import { toJobData } from './job-data.ts'
import { jobIdOf, type Keys, providerOf } from './keys.ts'
import type { ScriptRunner } from './script-runner.ts'
import { jobOptions } from './scripts.ts'

type ClaimAnswer = ['duplicate', 0 | 1] | ['in_progress', number] | ['claimed', string, string]

/** Leases on events that are handled before they are acknowledged, kept in Redis and timed by its clock. */
export class Claims {
  readonly #runner: ScriptRunner
  readonly #keys: Keys

  constructor(runner: ScriptRunner, keys: Keys) {
    this.#runner = runner
    this.#keys = keys
  }

  async claim(
    { key, fingerprint }: EventRecord,
    { leaseMs, rememberMs }: ClaimOptions,
  ): Promise<ClaimResult> {
    const token = randomUUID()
    const keys = [this.#keys.remembered(key), this.#jobKey(key), this.#keys.claim(key)]
    const answer = (await this.#runner.run('claim', keys, [
      fingerprint,
      token,
      leaseMs,
      rememberMs,
    ])) as ClaimAnswer
    if (answer[0] === 'duplicate') return { outcome: 'duplicate', conflict: answer[1] === 1 }
    if (answer[0] === 'in_progress') return { outcome: 'in_progress', retryAfterMs: answer[1] }
    const [, attempt, progress] = answer
    return {
      outcome: 'claimed',
      lease: { key, token, attempt: Number(attempt), progress: readClaimProgress(progress) },
    }
  }

  renew({ key, token }: Lease, leaseMs: number): Promise<boolean> {
    return this.#act('renew', [this.#keys.claim(key)], [token, leaseMs])
  }

  release({ key, token, attempt }: Lease, progress: Progress, attemptUsed: boolean): Promise<boolean> {
    const nextAttempt = attempt + (attemptUsed ? 1 : 0)
    return this.#act('release', [this.#keys.claim(key)], [token, JSON.stringify(progress), nextAttempt])
  }

  confirm({ key, token }: Lease, { fingerprint }: EventRecord, { rememberMs }: PutOptions): Promise<boolean> {
    const keys = [this.#keys.claim(key), this.#keys.remembered(key)]
    return this.#act('confirm', keys, [token, fingerprint, rememberMs])
  }

  bury(
    { key, token, attempt }: Lease,
    event: EventRecord,
    { progress, failures, rememberMs }: { progress: Progress; failures: readonly Failure[] } & PutOptions,
  ): Promise<boolean> {
    const ofQueue = (name: string) => this.#keys.ofQueue(event.provider, name)
    const keys = [
      this.#keys.claim(key),
      this.#keys.remembered(key),
      this.#jobKey(key),
      ofQueue('failed'),
      ofQueue('events'),
      this.#keys.providers,
    ]
    const job = [jobOptions, jobIdOf(key), event.type, JSON.stringify(toJobData(event)), event.receivedAt]
    const standing = [
      JSON.stringify({ ...progress, attempt, failures }),
      failures[0]?.message ?? '',
      Date.now(),
      event.provider,
    ]
    return this.#act('bury', keys, [token, event.fingerprint, rememberMs, ...job, ...standing])
  }

  async #act(
    script: 'renew' | 'release' | 'confirm' | 'bury',
    keys: string[],
    args: (string | number)[],
  ): Promise<boolean> {
    return (await this.#runner.run(script, keys, args)) === 1
  }

  #jobKey(eventKey: string): string {
    return this.#keys.ofQueue(providerOf(eventKey), jobIdOf(eventKey))
  }
}

function readClaimProgress(json: string): Progress {
  return json === '' ? { completed: [], abandoned: [] } : JSON.parse(json)
}
