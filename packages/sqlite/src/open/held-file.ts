import type { Logger } from '@hookport/core'
import { GroupCommit } from '@hookport/core/inbox-kit'
import type { Moment } from '../file/file-time.ts'
import { LogWatch } from '../file/log-watch.ts'
import type { FileAccess } from './file-access.ts'
import { explainUse } from './open-database.ts'
import type { OpenFile } from './open-file.ts'

/** A file that went away is reopened at once. If that fails, it is tried again after this time. */
const reopenPauseMs = 1_000
/** Reads alone check at most this often whether the file is still the same. */
const betweenLooksMs = 100
/** How long reopening may block the event loop. */
const reopenWaitMs = 50

/**
 * The file of an inbox, for the life of the inbox. If the file goes away (deleted, renamed, replaced, its log or the index of that removed), writes in
 * progress fail, and the file that is then at the path is opened.
 */
export class HeldFile implements FileAccess {
  readonly #path: string
  readonly #open: (waitMs?: number) => OpenFile
  readonly #group: GroupCommit
  readonly #logWatch = new LogWatch()
  #file: OpenFile
  /** Why the file is no longer open. */
  #lost: string | undefined
  #reopenAt = 0
  #lookedAt = 0
  #logger: Logger | undefined

  /**
   * @param open called at once, and whenever the file went away.
   * @throws {SqliteFileError} if it can't be used.
   */
  constructor(open: (waitMs?: number) => OpenFile) {
    this.#open = open
    this.#file = open()
    this.#path = this.#file.path
    this.#group = new GroupCommit({
      begin: () => this.#begin(),
      commit: () => this.#file.commit(),
      rollBack: () => this.#file.rollBack(),
      confirm: () => this.#confirm(),
      explain: (error) => explainUse(error, this.#path),
    })
  }

  get realPath(): string {
    return this.#file.realPath
  }

  get isWriting(): boolean {
    return this.#group.isScheduled
  }

  /** Sets where lines about the file go. Before that they are warnings of the process. */
  logTo(logger: Logger): void {
    this.#logger = logger
  }

  read<Result>(look: (file: OpenFile) => Result): Result {
    this.#lookForChange()
    try {
      const file = this.#current()
      file.assertUnderstood()
      return look(file)
    } catch (error) {
      throw explainUse(error, this.#path)
    }
  }

  write<Result>(
    write: (file: OpenFile, now: Moment) => Result,
    bytes?: number,
    mostWaitMs?: number,
  ): Promise<Result> {
    return this.#group.run(() => write(this.#file, this.#file.now), bytes, mostWaitMs)
  }

  async close(): Promise<void> {
    await this.#group.drained()
    if (this.#lost === undefined) this.#file.close()
  }

  /** @throws where the file went away, and can't be reopened. */
  #current(): OpenFile {
    if (this.#lost === undefined) return this.#file
    const now = performance.now()
    if (now < this.#reopenAt) throw new Error(this.#lost)
    this.#reopenAt = now + reopenPauseMs
    this.#file = this.#open(reopenWaitMs)
    this.#lost = undefined
    this.#reopenAt = 0
    this.#say('warn', `${this.#path} was reopened`)
    return this.#file
  }

  #begin(): boolean {
    const file = this.#current()
    const change = file.identity.hasIndex ? undefined : file.identity.findChange()
    if (change === undefined) return file.begin()
    this.#lose(change)
    throw new Error(change)
  }

  /** Not at every read: with many writes, each commit checks it. */
  #lookForChange(): void {
    const now = performance.now()
    if (this.#lost !== undefined || now - this.#lookedAt < betweenLooksMs) return
    this.#lookedAt = now
    const change = this.#file.identity.findChange()
    if (change !== undefined) this.#lose(change)
  }

  /** What is committed into a file that has lost its name is lost, so it must not be acknowledged. */
  #confirm(): void {
    const { identity } = this.#file
    this.#lookedAt = performance.now()
    const change = identity.findChange()
    if (change !== undefined) {
      this.#lose(change)
      throw new Error(change)
    }
    const warning = this.#logWatch.see(this.#path, identity.logBytes)
    if (warning !== undefined) this.#say('warn', warning)
  }

  #lose(change: string): void {
    this.#lost = change
    this.#say(
      'error',
      `${change}: its events can't be reached by this process, which reopens the file if it can`,
    )
    try {
      const log = this.#file.leave()
      if (log) this.#say('warn', `its log could not be copied into it, so its last events are in ${log}`)
    } catch (error) {
      this.#say('warn', `closing it failed: ${String(error)}`)
    }
  }

  #say(level: 'warn' | 'error', message: string): void {
    const line = `sqliteInbox: ${message}`
    if (this.#logger) this.#logger[level]({ path: this.#path }, line)
    else process.emitWarning(line)
  }
}
