import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { readPragma } from './pragma.ts'

/** At most this many free pages are kept for reuse (4 MiB), and at most this share of the file. */
const sparePages = 1024
const spareShare = 0.25

/** The pages of the file. */
export class FileSpace {
  readonly #database: DatabaseSync
  readonly #pageSize: number
  readonly #pages: StatementSync
  readonly #freePages: StatementSync

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#pageSize = readPragma(database, 'page_size')
    this.#pages = database.prepare('PRAGMA page_count')
    this.#freePages = database.prepare('PRAGMA freelist_count')
  }

  /** Bytes in use. The file may be longer, by free pages that were not given back yet. */
  get usedBytes(): number {
    return (this.#pageCount() - this.#freeCount()) * this.#pageSize
  }

  /** Removes up to `limit` free pages from the end of the file, if it has many. True if it still has many. */
  giveBack(limit: number): boolean {
    if (!this.#hasManyFree()) return false
    this.#database.exec(`PRAGMA incremental_vacuum(${limit})`)
    return this.#hasManyFree()
  }

  #hasManyFree(): boolean {
    const free = this.#freeCount()
    return free > sparePages && free > spareShare * this.#pageCount()
  }

  #pageCount(): number {
    return Number(this.#pages.get()?.page_count)
  }

  #freeCount(): number {
    return Number(this.#freePages.get()?.freelist_count)
  }
}
