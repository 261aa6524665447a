import { Queue } from 'bullmq'
import type { JobData } from './layout/job-data.ts'
import type { Keys } from './layout/keys.ts'
import type { RedisLink } from './redis/redis-link.ts'

/** BullMQ's queues, for dashboards. Each is created when it is first asked for. */
export class Queues {
  readonly #link: RedisLink
  readonly #keys: Keys
  readonly #open = new Map<string, Queue<JobData>>()

  constructor(link: RedisLink, keys: Keys) {
    this.#link = link
    this.#keys = keys
  }

  of(source: string): Queue<JobData> {
    const queue = this.#open.get(source) ?? this.#openQueue(source)
    this.#open.set(source, queue)
    return queue
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((queue) => queue.close()))
  }

  #openQueue(source: string): Queue<JobData> {
    this.#link.untilReady().catch(() => {}) // a queue that connects by itself gives up for good where Redis is down at first
    const queue = new Queue<JobData>(this.#keys.queue(source), {
      connection: this.#link.client,
      prefix: this.#keys.prefix,
    })
    queue.removeOrphanedJobs = removeNoOrphans
    return queue.on('error', () => {}) // failed calls reject; an error event without a listener would end the process
  }
}

/** To BullMQ, jobs behind others of their order key are in no state, and so are the keys beside the queue: it would delete them. */
async function removeNoOrphans(): Promise<never> {
  throw new Error(
    'removeOrphanedJobs would delete events that wait for the turn of their order key: discard events with the inbox',
  )
}
