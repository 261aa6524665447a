import { resolve } from 'node:path'
import { assertOptions, type Clock, ConfigurationError, completeClock, foundValue } from '@hookport/core'

/** All times are in milliseconds. */
export interface SqliteInboxOptions {
  /**
   * The database file. It is created if it does not exist; its folder must exist. While it is open, SQLite has two more files next to it (`-wal`,
   * `-shm`), so it must be on a local disk. A relative path is that of the folder in which the process is now: a later `process.chdir` does not move it.
   */
  path: string
  /**
   * `full`: an accepted event survives power loss. `normal`: it survives the death of the process, but power loss or a crash of the operating system
   * may lose the last moments. Defaults to `full`.
   */
  synchronous?: 'full' | 'normal'
  /** How long the events of a process that died wait until another process can take them. Renewed three times in that time while handlers run. Defaults to 30 s. */
  leaseMs?: number
  /** How often an idle consumer looks for events that other processes put. An event that this process puts wakes it at once. Defaults to 1 s. */
  pollMs?: number
  /**
   * How long dead letters are kept. Their ids stay remembered for the receiver's `dedupeWindow`, counted from when they came. Defaults to `Infinity`:
   * they are kept until redriven or discarded.
   */
  keepDeadFor?: number
  /**
   * Events are refused (503) while ids and bodies take up this many bytes of the file. Parked events are not counted: the receiver's `maxParkedBytes`
   * limits them. Handling goes on, and makes room. Defaults to `Infinity`: the disk is the limit.
   */
  maxBytes?: number
  /** Defaults to the system's. Processes that share a file must agree on `elapsed`. Setting `now` does no harm. */
  clock?: Clock
}

/** Options with all defaults filled in. */
export interface ResolvedOptions extends Required<SqliteInboxOptions> {
  readonly clock: Required<Clock>
}

const known: Record<keyof SqliteInboxOptions, true> = {
  path: true,
  synchronous: true,
  leaseMs: true,
  pollMs: true,
  keepDeadFor: true,
  maxBytes: true,
  clock: true,
}

/** @throws {ConfigurationError} for an unknown option, or a value that can't work. */
export function resolveOptions(options: SqliteInboxOptions): ResolvedOptions {
  if (typeof options !== 'object' || options === null)
    throw complaint(`the options are ${kindOf(options)}; they must be an object: { path: 'webhooks.db' }`)
  assertOptions(options, known, 'sqliteInbox')
  const { synchronous = 'full', clock } = options
  if (synchronous !== 'full' && synchronous !== 'normal') {
    throw complaint(`synchronous is ${foundValue(synchronous)}; it must be 'full' or 'normal'`)
  }
  return {
    path: pathOf(options),
    synchronous,
    leaseMs: timeout('leaseMs', options.leaseMs ?? 30_000),
    pollMs: timeout('pollMs', options.pollMs ?? 1_000),
    keepDeadFor: positive('keepDeadFor', options.keepDeadFor ?? Number.POSITIVE_INFINITY),
    maxBytes: positive('maxBytes', options.maxBytes ?? Number.POSITIVE_INFINITY),
    clock: clockOfMachine(clock),
  }
}

/** Absolute. */
function pathOf({ path }: { readonly path: unknown }): string {
  if (path instanceof URL || (typeof path === 'string' && /^file:/i.test(path)))
    throw complaint(
      'path is a URL; it must be the path of a file as a string: fileURLToPath(url) of node:url',
    )
  if (path === undefined) throw complaint("path is missing; it must name a file: { path: 'webhooks.db' }")
  if (typeof path === 'string' && path.includes('\0'))
    throw complaint('path has a NUL character; it must be the path of a file')
  if (typeof path === 'string' && path !== '' && path !== ':memory:') return resolve(path)
  throw complaint(`path is ${written(path)}; it must name a file. For an inbox in memory, use memoryInbox()`)
}

function positive(name: string, value: number): number {
  if (typeof value === 'number' && value > 0) return value
  throw complaint(`${name} is ${written(value)}; it must be a number above 0`)
}

/** setTimeout can't wait longer than a signed 32-bit count of milliseconds. */
function timeout(name: string, value: number): number {
  if (typeof value === 'number' && value >= 1 && value < 2 ** 31) return value
  throw complaint(`${name} is ${written(value)}; it must be from 1 ms to 24 days`)
}

function written(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  return typeof value === 'number' ? String(value) : kindOf(value)
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function complaint(text: string): ConfigurationError {
  return new ConfigurationError(`sqliteInbox: ${text}`)
}

/** Elapsed time of the machine, as all processes on the file must read the same. `performance.now` begins with the process. */
function clockOfMachine(clock: Clock | undefined): Required<Clock> {
  const complete = completeClock(clock)
  if (clock?.after) return complete
  return { ...complete, elapsed: clock?.elapsed?.bind(clock) ?? elapsedSinceBoot }
}

function elapsedSinceBoot(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
