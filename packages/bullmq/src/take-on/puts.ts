import { type EventRecord, InboxFullError, type PutOptions, type PutResult } from '@hookport/core'
import { toJobData, toJobProgress } from '../layout/job-data.ts'
import type { Keys } from '../layout/keys.ts'
import { orderOf } from '../layout/order-of.ts'
import { MemoryWatch } from '../redis/memory-watch.ts'
import type { RedisLink } from '../redis/redis-link.ts'
import { readFailure } from '../redis/trouble.ts'
import { jobOptions } from '../scripts/parts/jobs.ts'
import { BatchBySource } from './batch-by-source.ts'
import { ParkedJobs } from './parked-jobs.ts'

type Arguments = readonly (string | number)[]

type Outcome = number | readonly ['error', string] | readonly ['in_progress', number]

/** Takes events on, as jobs of their source's queue. */
export class Puts {
  /** Says whether there is room. Also used for claims. */
  readonly memory: MemoryWatch
  readonly #link: RedisLink
  readonly #keys: Keys
  readonly #parked: ParkedJobs
  readonly #whenEmptied: (source: string) => void
  readonly #puts = new BatchBySource((source, puts: readonly Arguments[]) => this.#send(source, puts))

  /**
   * @param maxMemoryShare share of Redis's `maxmemory`. Above it parked jobs are dropped, and if that is not enough, events are refused.
   * @param whenEmptied is called where the queue of a source was emptied.
   */
  constructor(link: RedisLink, keys: Keys, maxMemoryShare: number, whenEmptied: (source: string) => void) {
    this.#link = link
    this.#keys = keys
    this.#whenEmptied = whenEmptied
    this.memory = new MemoryWatch(maxMemoryShare, async () => {
      await this.#send('', [])
      if (!this.memory.hasRoom) await this.#parked.giveWay()
    })
    this.#parked = new ParkedJobs(link, keys, this.memory)
  }

  async put(event: EventRecord, options: PutOptions): Promise<PutResult> {
    if (!this.memory.hasRoom) await this.memory.assertRoom()
    return this.#puts.add(event.source, takeOnArguments(event, options))
  }

  /** Without events it only asks for the memory. A put may be sent twice: if it has run, the second one finds a duplicate. */
  async #send(source: string, puts: readonly Arguments[]): Promise<(PutResult | Error)[]> {
    const asksMemory = this.memory.isDue(bytesOf(puts)) || puts.length === 0
    const args = [source, asksMemory ? 1 : 0, jobOptions, ...puts.flatMap((put) => [put.length, ...put])]
    const keys = this.#keys.ofScripts(source)
    const call = { script: 'put', keys, args: () => args, repeatable: true, read: readReply } as const
    const { memory, results, wasEmptied } = await this.#link.run(call).catch(async (error: unknown) => {
      if (!isOutOfMemory(error)) throw error
      if (!(await this.#parked.giveWay())) throw explainFull(error)
      return this.#link.run(call)
    })
    this.memory.note(memory)
    if (wasEmptied) this.#whenEmptied(source)
    return results
  }
}

/** The arguments of the step `takeOn`, after the job's options. */
export function takeOnArguments(event: EventRecord, { rememberMs, failure }: PutOptions): Arguments {
  const { key, type, receivedAt, fingerprint, aliases = [] } = event
  const data = JSON.stringify(toJobData(event))
  const progress = failure ? toJobProgress({ failures: [failure] }) : ''
  const reason = failure ? failure.message || failure.code : ''
  const times = [receivedAt, fingerprint, Math.ceil(rememberMs)]
  return [key, type, data, ...times, originOf(event), progress, reason, orderOf(event), ...aliases]
}

/** Roughly the bytes of the events as they are stored. */
function bytesOf(puts: readonly Arguments[]): number {
  let bytes = 0
  for (const [, , data] of puts) bytes += String(data).length
  return bytes
}

/** The form that scripts use. */
export function originOf({ origin }: EventRecord): 'd' | 'r' {
  return origin === 'delivery' ? 'd' : 'r'
}

interface PutReply {
  readonly memory: readonly number[]
  readonly results: (PutResult | Error)[]
  /** Whether somebody has emptied the queue since the last put. */
  readonly wasEmptied: boolean
}

function readReply(reply: unknown): PutReply {
  const [memory, ...outcomes] = reply as [readonly number[], ...Outcome[]]
  return { memory, results: outcomes.map(readOutcome), wasEmptied: outcomes.includes(3) }
}

function readOutcome(outcome: Outcome): PutResult | Error {
  if (typeof outcome !== 'number') {
    const [kind, detail] = outcome
    return kind === 'error' ? readFailure(detail) : { outcome: kind, retryAfterMs: detail }
  }
  return outcome % 3 === 0 ? { outcome: 'accepted' } : { outcome: 'duplicate', conflict: outcome === 2 }
}

function isOutOfMemory(error: unknown): error is Error {
  return error instanceof Error && error.message.includes('OOM')
}

function explainFull(error: Error): InboxFullError {
  return new InboxFullError(`the memory of Redis is full: ${error.message}`, { cause: error })
}
