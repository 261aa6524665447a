import { rest } from '../time/rest.ts'
import { ownPerformance, soon } from '../time/soon.ts'
import { GroupJob } from './group-job.ts'

/** Limits on one transaction, so that it blocks the event loop for at most a few milliseconds. */
const maxJobs = 256
const maxBytes = 1024 * 1024
/** How long a group waits for another's lock. Less than the receiver's `acceptTimeout` of 3 s. */
const maxLockedMs = 2_000
/** Pause between two attempts at the lock. Random, so that processes don't collide again and again. */
const lockPauseMs = { from: 0.5, to: 5 }
/**
 * After a group that has blocked the event loop for longer, the next one waits for a part of that time. Otherwise each turn of the loop would end in
 * a group, and as Node accepts one connection in a turn, those that come would wait for as many groups, and timers would be late.
 */
const slowMs = 50
const restShare = 1 / 4
const longestRestMs = 500

/** A store's transaction. All of it is synchronous, within one turn of the event loop. */
export interface SharedTransaction {
  /** False where another holds the lock: it is called again soon, for two seconds. If it throws, all waiting writes fail. */
  begin(): boolean
  /** If it throws, nothing of the transaction is kept. */
  commit(): void
  /** Called after an error of a job or of `commit`. An error of its own is ignored. */
  rollBack(): void
  /** Called after `commit`, before any write resolves. If it throws, all writes of the group fail for good, as the commit can't be relied on. */
  confirm?(): void
  /** Translates an error that is not a refusal, for the write that failed. Defaults to the error itself, also where this throws. */
  explain?(error: unknown): unknown
}

/**
 * Lets waiting writes share one transaction, and so one sync of the disk. A group is what was asked for during one turn of the event loop.
 * `setImmediate` ends it. Microtasks would not do: they run between the callbacks of a turn, so each request would be a group of its own. A timer of
 * 2 ms makes a lone write ten times slower, and under load the next group fills anyway while the last one is synced.
 */
export class GroupCommit {
  readonly #transaction: SharedTransaction
  #waiting: GroupJob[] = []
  /** The sizes of the next groups, after one that failed: its members are tried in smaller groups. */
  #sizes: number[] = []
  #scheduled = false
  #lockedSince: number | undefined
  /** No group begins before. */
  #restsUntil = 0
  #whenDrained: (() => void)[] = []

  constructor(transaction: SharedTransaction) {
    this.#transaction = transaction
  }

  /** Whether a transaction is about to begin. What is asked for now joins it, if there is room. */
  get isScheduled(): boolean {
    return this.#scheduled
  }

  /**
   * Runs `write` in the next transaction, and resolves to its result once that is committed. A job that is added by a running job joins the same
   * transaction, if there is room.
   *
   * A job that throws fails alone: the others are written again without it. So `write` may be called more than once, and its last result counts. An
   * error of hookport (`InboxFullError`) is a refusal: such a job has written nothing, so the others need not be written again. Where a commit fails,
   * its group is written again in halves, until it is known which job can't be stored.
   *
   * @param bytes roughly, that it writes.
   * @param mostWaitMs if no transaction has come to it within this time, it rejects, and is not written.
   */
  run<Result>(write: () => Result, bytes = 0, mostWaitMs = Number.POSITIVE_INFINITY): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(new GroupJob(write, bytes, mostWaitMs, resolve as (result: unknown) => void, reject))
      this.#schedule()
    })
  }

  /** Resolves once no write waits. */
  drained(): Promise<void> {
    if (!this.#scheduled) return Promise.resolve()
    return new Promise((resolve) => this.#whenDrained.push(resolve))
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    const restMs = Math.min(this.#restsUntil - ownPerformance.now(), longestRestMs)
    if (restMs > 0) rest(restMs, () => this.#writeGroup())
    else soon(() => this.#writeGroup())
  }

  #writeGroup(): void {
    const startedAt = ownPerformance.now()
    this.#rejectLate(startedAt)
    if (this.#waiting.length === 0) {
      this.#lockedSince = undefined
      this.#continue()
      return
    }
    if (!this.#begin()) return
    const group: GroupJob[] = []
    if (this.#runInto(group) && this.#commit(group)) {
      this.#waiting = this.#waiting.slice(group.length)
      this.#tell(group)
    }
    const now = ownPerformance.now()
    if (now - startedAt > slowMs) this.#restsUntil = now + (now - startedAt) * restShare
    this.#continue()
  }

  /** If those whose sender has hung up were written first, a line that was once too long would make all that come later too late as well. */
  #rejectLate(now: number): void {
    if (!this.#waiting.some((job) => job.isLate(now))) return
    const late = this.#waiting.filter((job) => job.isLate(now))
    this.#waiting = this.#waiting.filter((job) => !job.isLate(now))
    for (const job of late) job.fail(new Error(`the store did not get to it within ${job.mostWaitMs} ms`))
  }

  /** False where it has to wait for the lock, or where nothing can be written. */
  #begin(): boolean {
    try {
      if (this.#transaction.begin()) {
        this.#lockedSince = undefined
        return true
      }
      this.#lockedSince ??= ownPerformance.now()
      if (ownPerformance.now() - this.#lockedSince < maxLockedMs) {
        const { from, to } = lockPauseMs
        setTimeout(() => this.#writeGroup(), from + Math.random() * (to - from))
        return false
      }
      this.#failAll(new Error(`another process has held the write lock of the inbox for ${maxLockedMs} ms`))
    } catch (error) {
      this.#failAll(error)
    }
    return false
  }

  #failAll(error: unknown): void {
    this.#lockedSince = undefined
    this.#sizes = []
    for (const job of this.#waiting.splice(0)) this.#fail(job, error)
    this.#continue()
  }

  /** False where a job has failed. It rejects, and those before it are the next group. */
  #runInto(group: GroupJob[]): boolean {
    const size = this.#sizes.shift() ?? maxJobs
    let bytes = 0
    for (const job of this.#waiting) {
      if (group.length === size || (group.length > 0 && bytes + job.bytes > maxBytes)) break
      try {
        job.run()
      } catch (error) {
        this.#rollBack()
        this.#waiting.splice(group.length, 1)
        if (group.length > 0) this.#sizes.unshift(group.length)
        this.#fail(job, error)
        return false
      }
      group.push(job)
      bytes += job.bytes
    }
    return true
  }

  /** False where the commit failed. The halves of the group are the next groups. */
  #commit(group: readonly GroupJob[]): boolean {
    try {
      this.#transaction.commit()
      return true
    } catch (error) {
      this.#rollBack()
      const half = Math.ceil(group.length / 2)
      if (group.length > 1) this.#sizes.unshift(half, group.length - half)
      else for (const job of this.#waiting.splice(0, group.length)) this.#fail(job, error)
      return false
    }
  }

  #tell(group: readonly GroupJob[]): void {
    try {
      this.#transaction.confirm?.()
    } catch (error) {
      for (const job of group) this.#fail(job, error)
      return
    }
    for (const job of group) job.succeed()
  }

  #fail(job: GroupJob, error: unknown): void {
    try {
      job.fail(this.#transaction.explain ? this.#transaction.explain(error) : error)
    } catch {
      job.fail(error)
    }
  }

  #rollBack(): void {
    try {
      this.#transaction.rollBack()
    } catch {
      // A store may have rolled back by itself, as SQLite does when the disk is full.
    }
  }

  #continue(): void {
    this.#scheduled = false
    if (this.#waiting.length > 0) this.#schedule()
    else for (const resolve of this.#whenDrained.splice(0)) resolve()
  }
}
