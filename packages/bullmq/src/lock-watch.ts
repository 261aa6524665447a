import type { Worker } from 'bullmq'

/**
 * Aborts the signal of a job whose lock is lost: BullMQ says so when another holds it, but not when Redis can't be asked
 * until the lock has run out.
 */
export class LockWatch {
  readonly #worker: Worker
  readonly #lockMs: number
  readonly #heldUntil = new Map<string, number>()
  readonly #timer: NodeJS.Timeout

  constructor(worker: Worker, lockMs: number) {
    this.#worker = worker
    this.#lockMs = lockMs
    this.#timer = setInterval(() => this.#abortExpired(), lockMs / 4).unref()
    worker.on('locksRenewed', ({ jobIds }) => {
      for (const jobId of jobIds) if (this.#heldUntil.has(jobId)) this.taken(jobId)
    })
    worker.on('lockRenewalFailed', (jobIds) => {
      for (const jobId of jobIds) worker.cancelJob(jobId, 'another worker holds the job')
    })
  }

  taken(jobId: string): void {
    this.#heldUntil.set(jobId, Date.now() + this.#lockMs)
  }

  /** Whether its time is up. Right even when the process was frozen, and no timer has had its turn yet. */
  isLost(jobId: string): boolean {
    return Date.now() >= (this.#heldUntil.get(jobId) ?? 0)
  }

  finished(jobId: string): void {
    this.#heldUntil.delete(jobId)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #abortExpired(): void {
    for (const jobId of this.#heldUntil.keys()) {
      if (this.isLost(jobId)) this.#worker.cancelJob(jobId, 'the lock could not be renewed in time')
    }
  }
}
