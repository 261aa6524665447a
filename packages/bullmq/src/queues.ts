import type { Counts, EventPage, EventState, EventSummary, KeptEvent, ListFilter } from '@hookport/core'
import { type Job, Queue } from 'bullmq'
import type { RedisClient } from './connections.ts'
import { type JobData, progressOf, readProgress, toEventRecord } from './job-data.ts'
import { jobIdOf, type Keys, providerOf } from './keys.ts'

const jobStates = { dead: 'failed', active: 'active', scheduled: 'delayed', pending: 'wait' } as const

const eventStates = Object.keys(jobStates) as EventState[]

/** Jobs fetched at once while listing. */
const pageSize = 50

/** What a listing goes through, one after the other. */
interface Shelf {
  readonly provider: string
  readonly state: EventState
}

/** A job met while listing. */
interface Found {
  readonly job: Job<JobData>
  readonly state: EventState
  readonly cursor: string
}

/** What an operator sees and does: the queues of all providers, through BullMQ. */
export class Queues {
  readonly #connection: RedisClient
  readonly #keys: Keys
  readonly #open = new Map<string, Queue<JobData>>()

  constructor(connection: RedisClient, keys: Keys) {
    this.#connection = connection
    this.#keys = keys
  }

  /** BullMQ's queue of one provider. */
  of(provider: string): Queue<JobData> {
    const queue = this.#open.get(provider) ?? this.#openQueue(provider)
    this.#open.set(provider, queue)
    return queue
  }

  async counts(provider: string | undefined): Promise<Counts> {
    const counts = { pending: 0, scheduled: 0, active: 0, dead: 0 }
    for (const name of await this.#providers(provider)) {
      const ofJobs = await this.of(name).getJobCounts(...Object.values(jobStates))
      for (const state of eventStates) counts[state] += ofJobs[jobStates[state]] ?? 0
    }
    return counts
  }

  async list(filter: ListFilter): Promise<EventPage> {
    const limit = filter.limit ?? 50
    const items: EventSummary[] = []
    for await (const { job, state, cursor } of this.#walk(await this.#shelves(filter), filter.cursor)) {
      if (items.length === limit) return { items, cursor }
      const item = await this.#summarize(job, state)
      if (matches(item, filter)) items.push(item)
    }
    return { items }
  }

  async get(key: string): Promise<KeptEvent | undefined> {
    const job = await this.#findJob(key)
    const state = await job?.getState()
    const eventState = eventStates.find((candidate) => jobStates[candidate] === toRangeName(state))
    if (!job || !eventState) return undefined
    return { ...(await this.#summarize(job, eventState)), rawBody: toEventRecord(job.data).rawBody }
  }

  async redrive(key: string): Promise<boolean> {
    const job = await this.#findJob(key)
    if (!(await job?.isFailed())) return false
    const { completed } = readProgress(job?.progress)
    await job?.updateProgress({ completed, abandoned: [], attempt: 1, failures: [] })
    await this.#connection.hdel(this.#keys.ofQueue(providerOf(key), jobIdOf(key)), 'stc') // its interruptions
    return succeeds(async () => job?.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true }))
  }

  async discard(key: string): Promise<boolean> {
    const job = await this.#findJob(key)
    return job !== undefined && succeeds(() => job.remove())
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((queue) => queue.close()))
  }

  #openQueue(provider: string): Queue<JobData> {
    const queue = new Queue<JobData>(this.#keys.queue(provider), {
      connection: this.#connection,
      prefix: this.#keys.prefix,
    })
    return queue.on('error', () => {}) // what fails rejects; an event with no listener would end the process
  }

  #findJob(key: string): Promise<Job<JobData> | undefined> {
    return this.of(providerOf(key)).getJob(jobIdOf(key))
  }

  async #providers(only: string | undefined): Promise<readonly string[]> {
    return only === undefined ? (await this.#connection.smembers(this.#keys.providers)).sort() : [only]
  }

  async #shelves({ provider: only, state: onlyState }: ListFilter): Promise<Shelf[]> {
    const states = onlyState === undefined ? eventStates : [onlyState]
    const providers = await this.#providers(only)
    return providers.flatMap((provider) => states.map((state) => ({ provider, state })))
  }

  /** Every job of the shelves, with the cursor that leads to it. */
  async *#walk(shelves: readonly Shelf[], cursor: string | undefined): AsyncGenerator<Found> {
    let { index, offset } = await this.#resume(shelves, cursor)
    for (; index < shelves.length; index++, offset = 0) {
      const { provider, state } = shelves[index] as Shelf
      const page = (start: number) =>
        this.of(provider).getJobs([jobStates[state]], start, start + pageSize - 1, true)
      for (let jobs = await page(offset); jobs.length > 0; jobs = await page(offset)) {
        for (const job of jobs) yield { job, state, cursor: `${index}/${offset++}/${job.id}` }
      }
    }
  }

  /** A cursor names a job, and where it was: what was discarded or redriven in the meantime has moved it forward. */
  async #resume(shelves: readonly Shelf[], cursor = '0/0/'): Promise<{ index: number; offset: number }> {
    const [, index, offset, jobId] = /^(\d+)\/(\d+)\/(.*)$/s.exec(cursor) ?? []
    const shelf = shelves[Number(index)]
    const moved = shelf && jobId ? await this.#offsetOf(shelf, jobId) : null
    return { index: Number(index), offset: moved ?? Number(offset) }
  }

  async #offsetOf({ provider, state }: Shelf, jobId: string): Promise<number | null> {
    const key = this.#keys.ofQueue(provider, jobStates[state])
    if (state === 'dead' || state === 'scheduled') return this.#connection.zrank(key, jobId)
    const [fromHead, length] = await Promise.all([
      this.#connection.lpos(key, jobId),
      this.#connection.llen(key),
    ])
    return fromHead === null ? null : length - 1 - fromHead
  }

  async #summarize(job: Job<JobData>, state: EventState): Promise<EventSummary> {
    const { rawBody: _, ...event } = toEventRecord(job.data)
    const progress = readProgress(job.progress)
    const { attempt, failures } = progress
    const dueAt = state === 'scheduled' ? await this.#dueAt(event.key) : null
    return { ...event, state, attempt, progress: progressOf(progress), failures, dueAt }
  }

  /** BullMQ multiplies the instant by 4,096, to keep jobs of one millisecond in order. */
  async #dueAt(key: string): Promise<number | null> {
    const score = await this.#connection.zscore(this.#keys.ofQueue(providerOf(key), 'delayed'), jobIdOf(key))
    return score === null ? null : Math.floor(Number(score) / 0x1000)
  }
}

/** BullMQ calls the list `wait`, and the state of what is in it `waiting`. */
function toRangeName(state: string | undefined): string | undefined {
  return state === 'waiting' ? 'wait' : state
}

function matches({ type, receivedAt }: EventSummary, filter: ListFilter): boolean {
  return (
    (filter.type === undefined || type === filter.type) &&
    (filter.receivedFrom === undefined || receivedAt >= filter.receivedFrom) &&
    (filter.receivedBefore === undefined || receivedAt < filter.receivedBefore)
  )
}

/** BullMQ throws where a job has changed its state in the meantime, or is locked. */
async function succeeds(action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action()
    return true
  } catch (error) {
    if (error instanceof Error && /is not in|locked|Missing key/i.test(error.message)) return false
    throw error
  }
}
