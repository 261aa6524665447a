import { realpathSync } from 'node:fs'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { FileIdentity } from '../file/file-identity.ts'
import { FileSpace } from '../file/file-space.ts'
import { FileTime, type Moment } from '../file/file-time.ts'
import { resultCode, resultCodeOf } from '../file/sqlite-errors.ts'
import { Aliases } from '../ids/aliases.ts'
import { Claims } from '../ids/claims.ts'
import { ForgottenIds } from '../ids/forgotten-ids.ts'
import { RememberedIds } from '../ids/remembered-ids.ts'
import { DueEvents } from '../kept/due-events.ts'
import { KeptEvents } from '../kept/kept-events.ts'
import { LeasedEvents } from '../kept/leased-events.ts'
import { OperatedEvents } from '../kept/operated-events.ts'
import { OrderLines } from '../kept/order-lines.ts'
import { ParkedEvents } from '../kept/parked-events.ts'
import { ParkedTotals } from '../kept/parked-totals.ts'
import { assertNotNewer } from '../layout/schema.ts'
import { copyInto } from './copy-into.ts'
import { NotesInFile } from './notes-in-file.ts'
import { explainOpening, type OpenOptions, openDatabase, withPatience } from './open-database.ts'

/** @throws {SqliteFileError} if the file can't be used. */
export function openFile(options: OpenOptions): OpenFile {
  const database = openDatabase(options)
  try {
    return new OpenFile(database, options)
  } catch (error) {
    database.close()
    throw explainOpening(error, options.path)
  }
}

/** An open file, and what is in it. */
export class OpenFile {
  readonly path: string
  /** The path with links resolved. */
  readonly realPath: string
  readonly identity: FileIdentity
  readonly time: FileTime
  readonly aliases: Aliases
  readonly ids: RememberedIds
  readonly forgotten: ForgottenIds
  readonly claims: Claims
  readonly kept: KeptEvents
  readonly operated: OperatedEvents
  readonly due: DueEvents
  readonly leased: LeasedEvents
  readonly parked: ParkedEvents
  readonly lines: OrderLines
  readonly parkedTotals: ParkedTotals
  readonly notes: NotesInFile
  readonly space: FileSpace
  readonly #database: DatabaseSync
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #version: StatementSync
  #now: Moment

  constructor(database: DatabaseSync, { path, clock, waitMs }: OpenOptions) {
    this.path = path
    this.realPath = realpathSync(path)
    this.identity = new FileIdentity(path)
    this.#database = database
    this.#begin = database.prepare('BEGIN IMMEDIATE')
    this.#commit = database.prepare('COMMIT')
    this.#version = database.prepare('PRAGMA user_version')
    withPatience(() => database.exec('BEGIN IMMEDIATE'), waitMs) // others may be writing
    this.time = new FileTime(database, clock)
    endWaitsOfOtherBoots(database, clock.elapsed())
    this.#now = this.time.now()
    database.exec('COMMIT')
    this.aliases = new Aliases(database)
    this.ids = new RememberedIds(database, this.aliases)
    this.forgotten = new ForgottenIds(database, this.aliases)
    this.claims = new Claims(database, this.aliases)
    this.parkedTotals = new ParkedTotals(database)
    this.lines = new OrderLines(database)
    this.kept = new KeptEvents(database, this.parkedTotals, this.lines)
    this.operated = new OperatedEvents(database, this.kept, this.lines)
    this.due = new DueEvents(database)
    this.leased = new LeasedEvents(database, this.kept, this.parkedTotals, this.lines)
    this.parked = new ParkedEvents(database, this.kept, this.parkedTotals, this.lines)
    this.notes = new NotesInFile(database)
    this.space = new FileSpace(database)
  }

  /** False where another process holds the lock. */
  begin(): boolean {
    try {
      this.#begin.run()
    } catch (error) {
      if (resultCodeOf(error) === resultCode.busy) return false
      throw error
    }
    try {
      this.assertUnderstood()
    } catch (error) {
      this.rollBack()
      throw error
    }
    for (const table of [this.aliases, this.claims, this.kept, this.parkedTotals]) table.begin()
    this.#now = this.time.now()
    return true
  }

  /** When the transaction began. */
  get now(): Moment {
    return this.#now
  }

  commit(): void {
    this.#commit.run()
  }

  rollBack(): void {
    this.#database.exec('ROLLBACK')
  }

  /** @throws {SqliteFileError} `newer_schema` if a newer version of the package has migrated the file since it was opened. */
  assertUnderstood(): void {
    assertNotNewer(Number(this.#version.get()?.user_version), this.path)
  }

  /** Writes a copy of the current state. */
  copyTo(path: string): void {
    copyInto(path, this.#database)
  }

  close(): void {
    this.#database.close()
    this.identity.close()
  }

  /**
   * Closes a file that has lost its name. What was acknowledged before is copied into it from its log, for people who find it. Answers under which
   * name the log is kept, where it could not be copied.
   */
  leave(): string | undefined {
    if (this.identity.isInPlace) {
      this.close() // only the log lost its name: closing copies it
      return undefined
    }
    const isCopied = this.#copyLog()
    this.close()
    return this.identity.clearAway(isCopied)
  }

  /** False where it can't be copied, or not all of it: the disk may be full. */
  #copyLog(): boolean {
    try {
      return this.#database.prepare('PRAGMA wal_checkpoint(truncate)').get()?.busy === 0
    } catch {
      return false
    }
  }
}

/** Ends leases and delays that were measured in another boot of the machine. They are further away than their length, which is otherwise impossible. */
function endWaitsOfOtherBoots(database: DatabaseSync, elapsed: number): void {
  database
    .prepare(`
      UPDATE events INDEXED BY events_by_due_at SET due_at = :elapsed, delay_ms = 0
      WHERE due_at IS NOT NULL AND due_at > :elapsed AND due_at > :elapsed + delay_ms`)
    .run({ elapsed })
}
