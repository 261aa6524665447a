import { closeSync, fsyncSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Clock, InboxFullError } from '@hookport/core'
import { resultCode, resultCodeOf, SqliteFileError, type SqliteFileProblem } from '../file/sqlite-errors.ts'
import { assertOurs, migrate } from '../layout/schema.ts'

/** It blocks the event loop, once. */
const openWaitMs = 2_000
/**
 * How long a statement waits for a lock at run time. It blocks the event loop, so it is only long enough for the end of another process's commit. For
 * longer waits, `GroupCommit` leaves the loop free.
 */
const busyTimeoutMs = 2
/**
 * The write-ahead log is copied into the file when it has this many pages (8 MiB). SQLite's default is 1,000; puts were 1.2 times as fast with 4,000.
 * The pause for the copy, 10 to 20 ms, was no longer, as most of it is one sync of the disk.
 */
const checkpointPages = 2_000
/** After a copy, a log that grew beyond this many bytes is cut back. */
const walSizeLimit = 16 * 1024 * 1024

export interface OpenOptions {
  readonly path: string
  readonly synchronous: 'full' | 'normal'
  readonly clock: Required<Clock>
  /** How long to wait for other processes that are opening or migrating the file. Defaults to 2 s. */
  readonly waitMs?: number | undefined
}

/**
 * Opens the file, creates or migrates its schema, and checks that it can be written.
 *
 * @throws {SqliteFileError} if it can't be used.
 */
export function openDatabase(options: OpenOptions): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    createPrivately(options.path)
    database = new DatabaseSync(options.path)
    prepareFile(database, options)
    return database
  } catch (error) {
    database?.close()
    throw explainOpening(error, options.path)
  }
}

/** Bodies are private. SQLite gives its other files the mode of this one. */
function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    // It exists already, or can't be created: opening it says which. An existing file must not be opened and closed here, as that would release the
    // locks of others in this process. SQLite does not ask what `node --permission` allows, and would make a file that everybody can read.
    if (isDenied(error)) throw error
  }
}

function prepareFile(database: DatabaseSync, options: OpenOptions): void {
  const { path, synchronous, clock, waitMs = openWaitMs } = options
  database.exec(`PRAGMA busy_timeout = ${waitMs}`)
  withPatience(() => assertOurs(database, path), waitMs) // before anything is written, as the change to WAL is
  database.exec('PRAGMA auto_vacuum = incremental') // only has an effect before anything else is written
  switchToWal(database, path, waitMs)
  database.exec(`PRAGMA synchronous = ${synchronous}`)
  database.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages}; PRAGMA journal_size_limit = ${walSizeLimit}`)
  migrate(database, path, { wall: clock.now(), elapsed: clock.elapsed() })
  if (synchronous === 'full') syncFolder(path)
  database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
}

function switchToWal(database: DatabaseSync, path: string, waitMs: number): void {
  const mode = withPatience(() => database.prepare('PRAGMA journal_mode = wal').get()?.journal_mode, waitMs)
  if (mode === 'wal') return
  throw new SqliteFileError(
    'no_wal',
    path,
    'is on a file system without shared memory: put it on a local disk',
  )
}

/** Tries again while another process holds the lock. For some of the locks of the change to WAL, SQLite does not wait by itself. */
export function withPatience<Result>(action: () => Result, waitMs = openWaitMs): Result {
  const giveUpAt = performance.now() + waitMs
  for (;;) {
    try {
      return action()
    } catch (error) {
      if (resultCodeOf(error) !== resultCode.busy || performance.now() > giveUpAt) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}

/**
 * SQLite syncs the folder when it makes a log, but not for a log that another process made, or the name of a copy: power loss could remove these.
 */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return // on Windows folders can't be opened
  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } catch (error) {
    if (!isDenied(error)) throw error // `node --permission` has no fsync
  } finally {
    closeSync(folder)
  }
}

/** What `node --permission` answers. */
function isDenied(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_ACCESS_DENIED'
}

const denied: [SqliteFileProblem, string] = [
  'unreachable',
  'may not be used under `node --permission`: give it --allow-fs-read and --allow-fs-write for the file’s folder',
]

const explanations = new Map<number, [SqliteFileProblem, string]>([
  [
    resultCode.otherTables,
    [
      'corrupt',
      'does not have the tables of its version: something else has changed them. Stop every process on it, then restore a backup',
    ],
  ],
  [
    resultCode.cannotOpen,
    ['unreachable', 'can’t be opened: its folder must exist, and this process may write in it'],
  ],
  [
    resultCode.readOnly,
    ['read_only', 'can’t be written: give this process the right to write the file and its folder'],
  ],
  [resultCode.notADatabase, ['not_a_database', 'is not a SQLite database: name another file']],
  [
    resultCode.corrupt,
    [
      'corrupt',
      'is damaged, or was overwritten while it was in use: stop every process on it, then restore a backup, or save what `sqlite3 <file> .recover` still finds',
    ],
  ],
  [
    resultCode.diskError,
    [
      'disk_error',
      'can’t be read or written, the disk reports an error: is a quota or a limit on the size of files used up, or is the disk damaged or gone?',
    ],
  ],
  [resultCode.full, ['full', 'can’t be written, the disk is full: make room']],
  [
    resultCode.busy,
    [
      'locked',
      'is locked: another program has held the lock all the time. Does a backup or a database tool have it open?',
    ],
  ],
])

const folder: [SqliteFileProblem, string] = ['unreachable', 'is a folder: name a file in it']

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

export function explainOpening(error: unknown, path: string): unknown {
  const explanation = isDenied(error) ? denied : explanations.get(resultCodeOf(error))
  if (!explanation) return error
  const [problem, message] = isFolder(path) ? folder : explanation
  return new SqliteFileError(problem, path, message, error)
}

/** For a file that was fine when it was opened. */
export function explainUse(error: unknown, path: string): unknown {
  const code = resultCodeOf(error)
  if (code === resultCode.full) return new InboxFullError(`the disk of ${path} is full`, { cause: error })
  const explanation = explanations.get(code)
  return explanation ? new Error(`${path} ${explanation[1]}`, { cause: error }) : error
}
