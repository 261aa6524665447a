import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Attempt, ConsumeOptions, Consumer, Progress, Verdict, Work } from '@hookport/core'
import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq'
import type { RedisClient } from './connections.ts'
import { type JobData, type JobProgress, progressOf, readProgress, toEventRecord } from './job-data.ts'
import { LockWatch } from './lock-watch.ts'

interface ConsumerOptions extends ConsumeOptions {
  readonly queueName: string
  readonly prefix: string
  readonly connection: RedisClient
  readonly leaseMs: number
  /** How many events wait in the queue. */
  countPending(): Promise<number>
}

/**
 * A deploy may stall a job any number of times without BullMQ burying it: core counts interruptions, and decides.
 */
const anyNumberOfStalls = 1_000_000_000

const lockLost = 'the lock was lost: whoever holds it now has the say'

/** How long BullMQ waits before it tries again what failed for want of a connection. */
const retryMs = 1_000

/** How long Redis has, once nothing is under work any more, to be told so before `stop` resolves without it. */
const farewellMs = 5_000

/** Hands out the jobs of one queue, through a BullMQ worker. */
export class BullmqConsumer implements Consumer {
  readonly #work: Work
  readonly #options: ConsumerOptions
  readonly #worker: AbandonableWorker
  readonly #locks: LockWatch
  /** Jobs in this process, until Redis knows what became of them. */
  #active = 0
  /** Those that handlers still run for. */
  #working = 0
  #stopping: Promise<void> | undefined

  constructor(work: Work, options: ConsumerOptions) {
    const { queueName, prefix, connection, concurrency, leaseMs, logger } = options
    this.#work = work
    this.#options = options
    this.#worker = new AbandonableWorker(
      queueName,
      (job, token, signal) => this.#process(job, token ?? '', signal),
      {
        connection,
        prefix,
        concurrency,
        lockDuration: leaseMs,
        stalledInterval: leaseMs,
        maxStalledCount: anyNumberOfStalls,
        runRetryDelay: retryMs,
      },
    )
    this.#worker.on('error', (err) =>
      logger.warn({ err, queue: queueName }, 'the BullMQ worker reports an error'),
    )
    this.#locks = new LockWatch(this.#worker, leaseMs)
  }

  /** A job that the worker has taken may still be on its way from Redis, where no count shows it: so quiet must be found twice. */
  async idle(): Promise<void> {
    for (let quiet = 0; quiet < 2; await sleep(20)) {
      const isQuiet = (await this.#options.countPending()) === 0 && this.#active === 0
      quiet = isQuiet ? quiet + 1 : 0
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#close()
    return this.#stopping
  }

  async #close(): Promise<void> {
    const { connection, logger, queueName } = this.#options
    const closed = await Promise.race([this.#worker.close().then(() => true), this.#farewellIsOver()])
    this.#locks.stop()
    if (!closed) {
      logger.warn({ queue: queueName }, 'stopped without Redis: what it was not told will be handled again')
      this.#worker.abandon()
    }
    connection.disconnect()
  }

  /** False once handlers have been at rest for as long as Redis may take. */
  async #farewellIsOver(): Promise<false> {
    const stepMs = 100
    for (let restedMs = 0; restedMs < farewellMs; restedMs += stepMs) {
      await sleep(stepMs, undefined, { ref: false })
      if (this.#working > 0) restedMs = 0
    }
    return false
  }

  async #process(job: Job<JobData>, token: string, signal = new AbortController().signal): Promise<void> {
    const jobId = job.id as string
    this.#active += 1
    this.#locks.taken(jobId)
    try {
      const progress = readProgress(job.progress)
      const checkpoint = (reached: Progress) =>
        this.#whileHeld(jobId, signal, () => job.updateProgress({ ...progress, ...reached }))
      const verdict = await this.#runWork({ ...toAttempt(job, progress), signal, checkpoint })
      if (signal.aborted || this.#locks.isLost(jobId)) throw new DelayedError(lockLost)
      await this.#carryOut(verdict, job, token, progress)
    } finally {
      this.#locks.finished(jobId)
      this.#active -= 1
    }
  }

  /** Rejects when the lock is lost: no later holder's progress is overwritten, and nobody waits for a Redis that is gone. */
  async #whileHeld(jobId: string, signal: AbortSignal, tell: () => Promise<void>): Promise<void> {
    if (signal.aborted || this.#locks.isLost(jobId)) throw new Error(lockLost)
    const telling = tell()
    telling.catch(() => {}) // it may fail after the lock is lost, and nobody listens then
    await Promise.race([telling, once(signal, 'abort').then(() => Promise.reject(new Error(lockLost)))])
  }

  async #runWork(attempt: Attempt): Promise<Verdict> {
    this.#working += 1
    try {
      return await this.#work(attempt)
    } finally {
      this.#working -= 1
    }
  }

  /** Returning completes the job, and removes it. DelayedError leaves it as it is, UnrecoverableError makes it a dead letter. */
  async #carryOut(
    verdict: Verdict,
    job: Job<JobData>,
    token: string,
    { attempt }: JobProgress,
  ): Promise<void> {
    if (verdict.outcome === 'done') return
    const next = verdict.outcome === 'retry' && verdict.countsAsAttempt ? attempt + 1 : attempt
    await this.#orLeaveStalled(async () => {
      await job.updateProgress({ ...verdict.progress, attempt: next, failures: verdict.failures })
      if (verdict.outcome === 'retry') await job.moveToDelayed(Date.now() + verdict.delayMs, token)
    })
    if (verdict.outcome === 'retry') throw new DelayedError()
    throw new UnrecoverableError(verdict.failures.map(({ message }) => message).join('; '))
  }

  /** Where Redis can't be told what became of an attempt, the job stays as it is, and is taken again when its lock has run out. */
  async #orLeaveStalled(tell: () => Promise<void>): Promise<void> {
    try {
      await tell()
    } catch (err) {
      this.#options.logger.warn(
        { err },
        'Redis could not be told how an attempt ended: the event will be tried again',
      )
      throw new DelayedError()
    }
  }
}

/** A worker that can be let go of while Redis does not answer, where `close` would wait for it. */
class AbandonableWorker extends Worker<JobData> {
  /** Ends what keeps the process alive: timers, and the connection that the worker made for itself. */
  abandon(): void {
    void this.pause(true)
    void this.lockManager.close()
    void this.backend.close(true)
  }
}

function toAttempt(job: Job<JobData>, progress: JobProgress): Omit<Attempt, 'signal' | 'checkpoint'> {
  return {
    event: toEventRecord(job.data),
    attempt: progress.attempt,
    interruptions: job.stalledCounter,
    progress: progressOf(progress),
  }
}
