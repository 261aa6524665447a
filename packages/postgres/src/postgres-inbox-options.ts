import { assertOptions, ConfigurationError, foundValue } from '@hookport/core'
import { type PostgresPool, readClient } from './pool.ts'

/** All times are in milliseconds. */
export interface PostgresInboxOptions {
  /**
   * A `Pool` of `pg`, or one of its shape (`@neondatabase/serverless`). It is shared with the application: the inbox uses at most half of its
   * connections (of a single one, that one), holds none while a handler runs, and does not end the pool. It may connect through PgBouncer in
   * transaction mode.
   */
  pool: PostgresPool
  /**
   * The schema of the tables. It is created if it does not exist. At most 50 letters, digits and underscores, not beginning with a digit or `pg_`.
   * Defaults to `hookport`.
   */
  schema?: string
  /** The application that these events belong to. An inbox refuses to work in the schema of another application. Defaults to `hookport`. */
  application?: string
  /**
   * Lets new events of other processes wake consumers at once, by LISTEN and NOTIFY. That needs an extra connection that does not go through a
   * pooler: `true` for the pool's address, or the URL of a direct connection. Also set it in the processes that put. Without it, consumers ask: every
   * 20 ms while they are busy, and once in `pollMs` when idle.
   */
  listen?: boolean | string
  /** How long the events of a process that died wait until another process can take them. Renewed three times in that time while handlers run. Defaults to 30 s. */
  leaseMs?: number
  /** How often an idle consumer looks for events that other processes put. Defaults to 1 s. */
  pollMs?: number
  /**
   * How long dead letters are kept. Their ids stay remembered for the receiver's `dedupeWindow`, counted from when they came. Defaults to `Infinity`:
   * they are kept until redriven or discarded.
   */
  keepDeadFor?: number
}

/** Options with all defaults filled in. */
export interface ResolvedOptions extends Required<PostgresInboxOptions> {}

const known: Record<keyof PostgresInboxOptions, true> = {
  pool: true,
  schema: true,
  application: true,
  listen: true,
  leaseMs: true,
  pollMs: true,
  keepDeadFor: true,
}

/** @throws {ConfigurationError} for an unknown option, or a value that can't work. */
export function resolveOptions(options: PostgresInboxOptions): ResolvedOptions {
  assertObject(options)
  assertOptions(options, known, 'postgresInbox')
  const { pool, schema = 'hookport', application = 'hookport', listen = false } = options
  if (!isPool(pool))
    throw complaint(`pool is ${kindOf(pool)}; it must be a Pool of pg: new Pool({ connectionString })`)
  if (readClient(pool)?.binary)
    throw complaint('pool asks for answers in binary, which pg damages: make one without binary: true')
  return {
    pool,
    schema: assertSchemaName(schema),
    application: assertApplicationName(application),
    listen: assertListen(listen),
    leaseMs: timeout('leaseMs', options.leaseMs ?? 30_000),
    pollMs: timeout('pollMs', options.pollMs ?? 1_000),
    keepDeadFor: positive('keepDeadFor', options.keepDeadFor ?? Number.POSITIVE_INFINITY),
  }
}

/** @throws {ConfigurationError} for what is not an object, such as a URL, and for a pool or a client in place of the options. */
function assertObject(options: unknown): void {
  const wanted = 'they must be an object: { pool: new Pool({ connectionString }) }'
  if (typeof options !== 'object' || options === null) {
    const found = typeof options === 'string' ? 'a string' : written(options) // which may be a URL with a password
    throw complaint(`the options are ${found}; ${wanted}`)
  }
  if (isPool(options)) throw complaint('the options are a pool; they must be an object that has it: { pool }')
  if (isClient(options)) throw complaint(`the options are a client; ${wanted}`)
}

/** The URL may have a password, so that no error repeats it. */
function assertListen(listen: unknown): boolean | string {
  if (typeof listen === 'boolean') return listen
  if (typeof listen === 'string' && /^postgres(ql)?:\/\//i.test(listen)) return listen
  const found = typeof listen === 'string' ? 'a string that does not begin with postgres://' : written(listen)
  throw complaint(
    `listen is ${listen === '' ? 'empty' : found}; it must be true, false, or the URL of a direct connection`,
  )
}

/** @throws {ConfigurationError} for a name that would need quotes, or that Postgres would cut off. */
export function assertSchemaName(schema: unknown): string {
  if (typeof schema === 'string' && /^pg_/.test(schema))
    throw complaint(`schema is ${foundValue(schema)}; Postgres keeps names that begin with pg_ for itself`)
  if (typeof schema === 'string' && /^[A-Za-z_][A-Za-z0-9_]{0,49}$/.test(schema)) return schema
  throw complaint(
    `schema is ${foundValue(schema)}; it must consist of letters, digits and underscores, not begin with a digit, and have at most 50 characters`,
  )
}

/** @throws {ConfigurationError} */
export function assertApplicationName(application: unknown): string {
  if (typeof application === 'string' && /^[A-Za-z0-9._-]+$/.test(application)) return application
  throw complaint(
    `application is ${foundValue(application)}; it must consist of letters, digits, dots, hyphens and underscores`,
  )
}

function isPool(pool: unknown): boolean {
  const { connect, on } = (pool ?? {}) as Partial<PostgresPool>
  return typeof connect === 'function' && typeof on === 'function' && !isClient(pool)
}

/** A client has `connect` too. But it is one connection, on which requests wait in line. */
function isClient(pool: unknown): boolean {
  return (
    typeof (pool as { release?: unknown }).release === 'function' ||
    'connectionParameters' in (pool as object)
  )
}

function kindOf(pool: unknown): string {
  if (pool === undefined) return 'missing'
  if (typeof pool === 'string') return 'a string'
  return typeof pool === 'object' && pool !== null && isClient(pool) ? 'a client' : `no pool (${typeof pool})`
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
  if (value === undefined) return 'missing'
  return typeof value === 'number' || value === null ? String(value) : `a ${typeof value}`
}

function complaint(text: string): ConfigurationError {
  return new ConfigurationError(`postgresInbox: ${text}`)
}
