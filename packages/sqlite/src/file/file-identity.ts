import {
  closeSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs'

interface Seen {
  readonly path: string
  readonly device: number
  readonly inode: number
}

/** Which files were opened: the database, its log, and the index of the log. What is written into a file that has lost its name is lost. */
export class FileIdentity {
  readonly #database: Seen
  readonly #log: Seen | undefined
  readonly #logIndex: Seen | undefined
  /** The log. It is opened on first use. */
  #openLog: number | undefined
  readonly #header = Buffer.alloc(4)
  #logBytes = 0

  /** Call it once all files are open. */
  constructor(path: string) {
    this.#database = seenAs(path, statSync(path))
    const realPath = realpathSync(path)
    this.#log = look(`${realPath}-wal`)
    this.#logIndex = look(`${realPath}-shm`)
  }

  /** Length of the log when it was last looked at. */
  get logBytes(): number {
    return this.#logBytes
  }

  /** Whether the path names the database that was opened. */
  get isInPlace(): boolean {
    return isStillThere(this.#database)
  }

  /**
   * Whether the index of the log is still the one that was opened. Ask it before anything is written: a process that has opened the file since has
   * another index, and what both write into the log destroys the file.
   */
  get hasIndex(): boolean {
    return this.#logIndex === undefined || isStillThere(this.#logIndex)
  }

  /** What has happened to the files, as a sentence. Undefined while their names still lead to the opened files. Takes a few microseconds. */
  findChange(): string | undefined {
    const { path } = this.#database
    const database = look(path)
    if (database === undefined) return `${path} was deleted or renamed while it was in use`
    if (!isSame(database, this.#database)) return `${path} was replaced by another file while it was in use`
    if (database.bytes === 0) return `${path} was emptied by another program while it was in use`
    if (this.#log === undefined) return undefined
    const log = look(this.#log.path)
    if (log === undefined || !isSame(log, this.#log))
      return `${this.#log.path}, its log, was removed by another program while it was in use`
    if (log.bytes > 0 && !this.#hasHeader(log))
      return `${log.path}, its log, was emptied by another program while it was in use`
    this.#logBytes = log.bytes
    if (this.hasIndex) return undefined
    return `${this.#logIndex?.path}, the index of its log, was removed by another program while it was in use`
  }

  /**
   * Removes the log and its index, where they are still the ones that were opened. They belong to a database that is not at the path any more, and
   * would damage the one that is there now.
   *
   * @param isCopied whether the whole log is in the database. Else the log is kept under another name, which is answered.
   */
  clearAway(isCopied: boolean): string | undefined {
    if (this.#logIndex && isStillThere(this.#logIndex)) rmSync(this.#logIndex.path)
    if (!this.#log || !isStillThere(this.#log)) return undefined
    const { path } = this.#log
    if (isCopied) {
      rmSync(path)
      return undefined
    }
    renameSync(path, `${path}.lost`)
    return `${path}.lost`
  }

  /** Call it once the database is closed. */
  close(): void {
    if (this.#openLog !== undefined) closeSync(this.#openLog) // SQLite's locks are on the index, so closing the log releases none
  }

  /**
   * Whether the log begins as SQLite writes it (https://www.sqlite.org/fileformat2.html#walformat). A log that was truncated while open continues
   * after a hole, and is never read again.
   */
  #hasHeader({ path }: Seen): boolean {
    this.#openLog ??= openSync(path, 'r')
    readSync(this.#openLog, this.#header, 0, 4, 0)
    return this.#header.readUInt32BE() >>> 1 === 0x377f0682 >>> 1
  }
}

function look(path: string): (Seen & { readonly bytes: number }) | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  return found && seenAs(path, found)
}

function seenAs(path: string, { dev, ino, size }: Stats): Seen & { readonly bytes: number } {
  return { path, device: dev, inode: ino, bytes: size }
}

function isStillThere(seen: Seen): boolean {
  const found = look(seen.path)
  return found !== undefined && isSame(found, seen)
}

function isSame(one: Seen, other: Seen): boolean {
  return one.inode === other.inode && one.device === other.device
}
