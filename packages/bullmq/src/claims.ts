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
import { Batch, BatchByProvider } from './batch.ts'
import { toJobData } from './job-data.ts'
import { jobIdOf, type Keys, providerOf } from './keys.ts'
import type { ScriptRunner } from './script-runner.ts'
import { jobOptions } from './scripts.ts'

type Failed = ['error', string]

type ClaimAnswer =
  | Failed
  | ['duplicate', boolean]
  | ['in_progress', number]
  | ['claimed', number, string | null]

interface Claim extends ClaimOptions {
  readonly event: EventRecord
  readonly token: string
}

interface Confirmation extends PutOptions {
  readonly event: EventRecord
  readonly lease: Lease
}

/** Leases on events that are handled before they are acknowledged, kept in Redis and timed by its clock. */
export class Claims {
  readonly #runner: ScriptRunner
  readonly #keys: Keys
  readonly #claims = new BatchByProvider((provider, claims: readonly Claim[]) =>
    this.#claim(provider, claims),
  )
  readonly #confirmations = new Batch((confirmations: readonly Confirmation[]) =>
    this.#confirm(confirmations),
  )

  /** With a number behind it, a token that no other process makes. */
  readonly #holder = randomUUID()
  #lastToken = 0

  constructor(runner: ScriptRunner, keys: Keys) {
    this.#runner = runner
    this.#keys = keys
  }

  claim(event: EventRecord, { leaseMs, rememberMs }: ClaimOptions): Promise<ClaimResult> {
    const token = `${this.#holder}:${++this.#lastToken}`
    return this.#claims.add(event.provider, { event, token, leaseMs, rememberMs: Math.ceil(rememberMs) })
  }

  confirm(lease: Lease, event: EventRecord, { rememberMs }: PutOptions): Promise<boolean> {
    return this.#confirmations.add({ event, lease, rememberMs: Math.ceil(rememberMs) })
  }

  renew({ key, token }: Lease, leaseMs: number): Promise<boolean> {
    return this.#act('renew', [this.#keys.claim(key)], [token, leaseMs])
  }

  release({ key, token, attempt }: Lease, progress: Progress, attemptUsed: boolean): Promise<boolean> {
    const nextAttempt = attempt + (attemptUsed ? 1 : 0)
    return this.#act('release', [this.#keys.claim(key)], [token, JSON.stringify(progress), nextAttempt])
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
    return this.#act('bury', keys, [token, event.fingerprint, Math.ceil(rememberMs), ...job, ...standing])
  }

  async #act(
    script: 'renew' | 'release' | 'bury',
    keys: string[],
    args: (string | number)[],
  ): Promise<boolean> {
    return (await this.#runner.run(script, keys, args)) === 1
  }

  async #claim(provider: string, claims: readonly Claim[]): Promise<(ClaimResult | Error)[]> {
    const keys = [this.#keys.remembered(''), this.#keys.claim(''), this.#keys.ofQueue(provider, '')]
    const asked = claims.map(({ event, token, leaseMs, rememberMs }) => [
      event.key,
      event.fingerprint,
      token,
      leaseMs,
      rememberMs,
    ])
    const answers: ClaimAnswer[] = await this.#exchange('claim', keys, asked)
    return answers.map((answer, index) => toClaimResult(answer, claims[index] as Claim))
  }

  async #confirm(confirmations: readonly Confirmation[]): Promise<(boolean | Error)[]> {
    const keys = [this.#keys.remembered(''), this.#keys.claim('')]
    const told = confirmations.map(({ event, lease, rememberMs }) => [
      event.key,
      event.fingerprint,
      lease.token,
      rememberMs,
    ])
    const answers: (Failed | ['confirmed' | 'lost'])[] = await this.#exchange('confirm', keys, told)
    return answers.map((answer) => (answer[0] === 'error' ? new Error(answer[1]) : answer[0] === 'confirmed'))
  }

  /**
   * As one JSON text each way: the client takes as long for one argument as for a hundred in it. Sent as bytes, because strings of
   * several KB outlive young collections once ioredis has written them.
   */
  async #exchange<Answer>(script: 'claim' | 'confirm', keys: string[], events: unknown[]): Promise<Answer[]> {
    const text = Buffer.from(JSON.stringify(events))
    return JSON.parse((await this.#runner.run(script, keys, [text])) as string)
  }

  #jobKey(eventKey: string): string {
    return this.#keys.ofQueue(providerOf(eventKey), jobIdOf(eventKey))
  }
}

function toClaimResult(answer: ClaimAnswer, { event: { key }, token }: Claim): ClaimResult | Error {
  if (answer[0] === 'error') return new Error(answer[1])
  if (answer[0] === 'duplicate') return { outcome: 'duplicate', conflict: answer[1] }
  if (answer[0] === 'in_progress') return { outcome: 'in_progress', retryAfterMs: answer[1] }
  const [, attempt, progress] = answer
  return { outcome: 'claimed', lease: { key, token, attempt, progress: readClaimProgress(progress) } }
}

function readClaimProgress(json: string | null): Progress {
  return json === null ? { completed: [], abandoned: [] } : JSON.parse(json)
}
