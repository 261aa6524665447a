import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { HookportError, InboxFullError } from '@hookport/core'
import { resultCode, resultCodeOf } from './sqlite-result.ts'

/** Bounds on one transaction, so that the event loop is held up for a few milliseconds at most. */
const maxJobs = 256
const maxBytes = 1024 * 1024
/** How long a group waits for another process's write lock. Under the receiver's `acceptTimeout` of 3 s. */
const maxBusyMs = 2_000
/** Between two tries for the lock. Random, so that processes don't meet again and again. */
const busyPauseMs = { from: 0.5, to: 5 }

interface Job {
  /** Bytes that it writes, more or less. */
  readonly bytes: number
  run(): void
  committed(): void
  failed(error: unknown): void
}

/**
 * Lets writes that wait together share one transaction, and so one sync of the disk. A group is what was asked for during
 * one turn of the event loop. `setImmediate` ends it: requests of one turn come in callbacks of their own, between which
 * microtasks run, so that those would make groups of one; and a timer of 2 ms makes a lone put ten times slower, while
 * under load the next group fills by itself as the last one is synced.
 */
export class GroupCommit {
  readonly #database: DatabaseSync
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  #waiting: Job[] = []
  #scheduled = false
  #busySince: number | undefined
  #whenDrained: (() => void)[] = []
  /** How many transactions were committed. */
  commits = 0

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#begin = database.prepare('BEGIN IMMEDIATE')
    this.#commit = database.prepare('COMMIT')
  }

  /**
   * Runs `write` in the next transaction, and resolves to its result once that is committed. A job that is added by a
   * running one belongs to the same transaction, if there is room.
   *
   * A job that throws one of hookport's errors fails alone; it must not have written anything by then. Any other error
   * fails every job of the transaction so far, of which nothing is kept; those that follow get another transaction.
   */
  run<Result>(write: () => Result, bytes = 0): Promise<Result> {
    return new Promise((resolve, reject) => {
      let settle: () => void
      const job: Job = {
        bytes,
        run() {
          try {
            const result = write()
            settle = () => resolve(result)
          } catch (error) {
            if (!(error instanceof HookportError)) throw error
            settle = () => reject(error)
          }
        },
        committed: () => settle(),
        failed: reject,
      }
      this.#waiting.push(job)
      this.#schedule()
    })
  }

  /** Resolves once nothing waits to be written. */
  drained(): Promise<void> {
    if (!this.#scheduled) return Promise.resolve()
    return new Promise((resolve) => this.#whenDrained.push(resolve))
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => this.#writeGroup())
  }

  #writeGroup(): void {
    if (!this.#lock()) return
    const group: Job[] = []
    try {
      this.#runInto(group)
      this.#commit.run()
      this.commits += 1
    } catch (error) {
      this.#rollBack()
      const reason = explain(error)
      for (const job of group) job.failed(reason)
      return
    } finally {
      this.#waiting = this.#waiting.slice(group.length)
      this.#continue()
    }
    for (const job of group) job.committed()
  }

  /** False where the lock has to be waited for, or where waiting was given up. */
  #lock(): boolean {
    try {
      this.#begin.run()
      this.#busySince = undefined
      return true
    } catch (error) {
      this.#busySince ??= performance.now()
      const isBusy = resultCodeOf(error) === resultCode.busy
      if (isBusy && performance.now() - this.#busySince < maxBusyMs) {
        const { from, to } = busyPauseMs
        setTimeout(() => this.#writeGroup(), from + Math.random() * (to - from))
        return false
      }
      this.#busySince = undefined
      const reason = explain(error)
      for (const job of this.#waiting.splice(0)) job.failed(reason)
      this.#continue()
      return false
    }
  }

  #runInto(group: Job[]): void {
    let bytes = 0
    for (const job of this.#waiting) {
      if (group.length === maxJobs || (group.length > 0 && bytes + job.bytes > maxBytes)) break
      group.push(job)
      bytes += job.bytes
      job.run()
    }
  }

  #rollBack(): void {
    try {
      this.#database.exec('ROLLBACK')
    } catch {
      // SQLite has rolled back by itself, as it does when the disk is full.
    }
  }

  #continue(): void {
    this.#scheduled = false
    if (this.#waiting.length > 0) this.#schedule()
    else for (const resolve of this.#whenDrained.splice(0)) resolve()
  }
}

function explain(cause: unknown): unknown {
  const code = resultCodeOf(cause)
  if (code === resultCode.full) return new InboxFullError('the disk of the sqlite inbox is full', { cause })
  if (code === resultCode.busy) {
    return new Error(`another process has held the write lock of the sqlite inbox for ${maxBusyMs} ms`, {
      cause,
    })
  }
  return cause
}
