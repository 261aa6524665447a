import { randomUUID } from 'node:crypto'
import {
  type Burial,
  type ClaimOptions,
  type ClaimResult,
  type EventRecord,
  type Lease,
  noProgress,
  type Progress,
  type PutOptions,
} from '@hookport/core'
import { toJobData, toJobProgress } from '../layout/job-data.ts'
import { type Keys, sourceOf } from '../layout/keys.ts'
import { orderOf } from '../layout/order-of.ts'
import type { MemoryWatch } from '../redis/memory-watch.ts'
import type { RedisLink } from '../redis/redis-link.ts'
import type { ScriptName } from '../redis/scripts.ts'
import { readFailure } from '../redis/trouble.ts'
import { jobOptions } from '../scripts/parts/jobs.ts'
import { BatchBySource } from './batch-by-source.ts'
import { originOf } from './puts.ts'

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

/** Leases on events that are handled before they are acknowledged. They are stored in Redis and use its clock. */
export class Claims {
  readonly #link: RedisLink
  readonly #keys: Keys
  readonly #memory: MemoryWatch
  readonly #claims = new BatchBySource((source, claims: readonly Claim[]) => this.#claim(source, claims))
  readonly #confirmations = new BatchBySource((source, confirmations: readonly Confirmation[]) =>
    this.#confirm(source, confirmations),
  )

  /** Together with a number, this is a token that no other process creates. */
  readonly #holder = randomUUID()
  #lastToken = 0

  constructor(link: RedisLink, keys: Keys, memory: MemoryWatch) {
    this.#link = link
    this.#keys = keys
    this.#memory = memory
  }

  async claim(event: EventRecord, options: ClaimOptions): Promise<ClaimResult> {
    if (!this.#memory.hasRoom) await this.#memory.assertRoom()
    const token = `${this.#holder}:${++this.#lastToken}`
    return this.#claims.add(event.source, { ...options, event, token })
  }

  confirm(lease: Lease, event: EventRecord, { rememberMs }: PutOptions): Promise<boolean> {
    return this.#confirmations.add(event.source, { event, lease, rememberMs })
  }

  renew({ key, token }: Lease, leaseMs: number): Promise<boolean> {
    return this.#act('renew', key, [key, token, leaseMs], true)
  }

  release({ key, token, attempt }: Lease, progress: Progress, attemptUsed: boolean): Promise<boolean> {
    const nextAttempt = attempt + (attemptUsed ? 1 : 0)
    return this.#act('release', key, [key, token, JSON.stringify(progress), nextAttempt])
  }

  bury(lease: Lease, event: EventRecord, burial: Burial): Promise<boolean> {
    return this.#keep('bury', lease, event, burial)
  }

  park(lease: Lease, event: EventRecord, burial: Burial): Promise<boolean> {
    return this.#keep('park', lease, event, burial)
  }

  async #keep(
    how: 'bury' | 'park',
    { token, attempt }: Lease,
    event: EventRecord,
    { progress, failures, rememberMs }: Burial,
  ): Promise<boolean> {
    const { key, source, type, receivedAt, fingerprint, aliases = [] } = event
    const job = [jobOptions, key, type, JSON.stringify(toJobData(event)), receivedAt]
    const known = [fingerprint, Math.ceil(rememberMs), originOf(event)]
    const standing = [toJobProgress({ ...progress, attempt, failures }), failures[0]?.message ?? '', attempt]
    const order = orderOf(event)
    return this.#act('keep', key, [source, how, token, ...job, ...known, ...standing, order, ...aliases])
  }

  async #act(
    script: ScriptName,
    key: string,
    args: (string | number)[],
    repeatable = false,
  ): Promise<boolean> {
    const keys = this.#keys.ofScripts(sourceOf(key))
    return this.#link.run({ script, keys, args: () => args, repeatable, read: (reply) => reply === 1 })
  }

  /** A claim may be sent twice. If it has run already, its token says whose the lease is. */
  async #claim(source: string, claims: readonly Claim[]): Promise<(ClaimResult | Error)[]> {
    const asked = claims.map(({ event, token, leaseMs, rememberMs }) => {
      const { key, fingerprint, aliases = [] } = event
      return [key, fingerprint, token, leaseMs, Math.ceil(rememberMs), originOf(event), ...aliases]
    })
    const args = [toBytes(asked), this.#memory.isDue() ? 1 : 0]
    const { memory, results } = await this.#link.run({
      script: 'claim',
      keys: this.#keys.ofScripts(source),
      args: () => args,
      repeatable: true,
      read(reply) {
        const [memory, answers] = reply as [readonly number[], string]
        const results = (JSON.parse(answers) as ClaimAnswer[]).map((answer, index) =>
          readClaim(answer, claims[index] as Claim),
        )
        return { memory, results }
      },
    })
    this.#memory.note(memory)
    return results
  }

  #confirm(source: string, confirmations: readonly Confirmation[]): Promise<(boolean | Error)[]> {
    const told = confirmations.map(({ event, lease, rememberMs }) => {
      const { key, fingerprint, aliases = [] } = event
      return [key, fingerprint, lease.token, Math.ceil(rememberMs), originOf(event), ...aliases]
    })
    const args = [toBytes(told)]
    return this.#link.run({
      script: 'confirm',
      keys: this.#keys.ofScripts(source),
      args: () => args,
      repeatable: false,
      read: (reply) =>
        (JSON.parse(reply as string) as (Failed | ['confirmed' | 'lost'])[]).map(readConfirmation),
    })
  }
}

/**
 * Encodes values as one JSON text, as the client takes as long for one argument as for a hundred values in it. It is sent as bytes, as strings of
 * several KB survive young collections once ioredis has written them.
 */
function toBytes(items: readonly unknown[]): Buffer {
  return Buffer.from(JSON.stringify(items))
}

function readConfirmation(answer: Failed | ['confirmed' | 'lost']): boolean | Error {
  return answer[0] === 'error' ? readFailure(answer[1] as string) : answer[0] === 'confirmed'
}

function readClaim(answer: ClaimAnswer, { event: { key }, token }: Claim): ClaimResult | Error {
  if (answer[0] === 'error') return readFailure(answer[1])
  if (answer[0] === 'duplicate') return { outcome: 'duplicate', conflict: answer[1] }
  if (answer[0] === 'in_progress') return { outcome: 'in_progress', retryAfterMs: answer[1] }
  const [, attempt, progress] = answer
  const lease = { key, token, attempt, progress: progress === null ? noProgress : JSON.parse(progress) }
  return { outcome: 'claimed', lease }
}
