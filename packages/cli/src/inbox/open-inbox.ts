import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { type Inbox, reasonOf } from '@hookport/core'
import type { FlagSpecs } from '../flags/flag-specs.ts'
import type { Flags } from '../flags/flags.ts'
import { Failure, UsageError } from '../terminal/exit-codes.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** Selects the inbox, for every command that opens one. */
export const storeFlags: FlagSpecs = {
  redis: { value: 'URL', help: 'the inbox of bullmqInbox' },
  sqlite: { value: 'FILE', help: 'the inbox of sqliteInbox' },
  postgres: { value: 'URL', help: 'the inbox of postgresInbox' },
  application: { value: 'NAME', help: 'with --redis or --postgres: as given to the inbox' },
  prefix: { value: 'PREFIX', help: 'with --redis: as given to bullmqInbox' },
  'queue-name': { value: 'NAME', help: 'with --redis: as given to bullmqInbox' },
  schema: { value: 'NAME', help: 'with --postgres: as given to postgresInbox' },
}

const openers: Readonly<Record<string, (where: string, flags: Flags) => Promise<OpenedInbox>>> = {
  redis: openRedis,
  sqlite: openSqlite,
  postgres: openPostgres,
}

/** The stores that the other flags are for. */
const storesOf: Readonly<Record<string, readonly string[]>> = {
  application: ['redis', 'postgres'],
  prefix: ['redis'],
  'queue-name': ['redis'],
  schema: ['postgres'],
}

export interface OpenedInbox {
  readonly inbox: Inbox
  /** Closes the inbox, and what was opened for it. */
  close(): Promise<void>
}

/** Opens the inbox that the flags name. Only its package is loaded. */
export async function openInbox(flags: Flags): Promise<OpenedInbox> {
  const named = Object.keys(openers).filter((name) => flags.has(name))
  const [name, another] = named
  if (name === undefined) throw new UsageError('--redis URL, --sqlite FILE or --postgres URL is required')
  if (another !== undefined) throw new UsageError(`--${name} and --${another} exclude each other`)
  for (const [flag, stores] of Object.entries(storesOf))
    if (flags.has(flag) && !stores.includes(name))
      throw new UsageError(`--${flag} goes with --${stores.join(' or --')}, not with --${name}`)
  return (openers[name] as (typeof openers)[string])(flags.text(name) ?? '', flags)
}

async function openRedis(connection: string, flags: Flags): Promise<OpenedInbox> {
  const { bullmqInbox } = await import('@hookport/bullmq')
  const queueName = flags.text('queue-name')
  return opened(
    bullmqInbox({
      connection,
      ...givenOf(flags, ['application', 'prefix']),
      ...(queueName !== undefined && { queueName }),
    }),
  )
}

/** In Redis, a misspelt prefix or another number of the database is no error: nothing is there, as in an inbox that has never had an event. */
export async function noteIfEmpty(inbox: Inbox, flags: Flags, terminal: Terminal): Promise<void> {
  if (!flags.has('redis')) return
  const counts = Object.values(await inbox.counts())
  if (counts.every((count) => count === 0))
    terminal.note(
      'There is no event in this inbox. Another may be meant: --application, --prefix, --queue-name and the number of the database in the URL tell which',
    )
}

/** A misspelt path must not become a new, empty inbox, and no more an empty file. */
export async function openSqlite(path: string): Promise<OpenedInbox> {
  if (path === '') throw new UsageError('--sqlite is empty: is the environment variable with the path set?')
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) throw new Failure(`--sqlite ${path}: this is a folder, not the file`)
  if (!found?.isFile()) throw new Failure(`--sqlite ${path}: there is no such file`)
  if (found.size === 0) throw new Failure(`--sqlite ${path}: the file is empty, there is no inbox in it`)
  const { sqliteInbox } = await import('@hookport/sqlite')
  return opened(ofFile(path, sqliteInbox({ path })))
}

/**
 * An inbox, or a part of one, that is asked nothing once its file was deleted, as before a restore. It would make a new file, and the log of that
 * destroys what is restored beside it.
 */
function ofFile<Part extends object>(path: string, part: Part): Part {
  return new Proxy(part, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (name === 'notes' && typeof value === 'object' && value !== null) return ofFile(path, value)
      if (typeof value !== 'function') return value
      return (...args: unknown[]): unknown => {
        if (name === 'close' || existsSync(path)) return Reflect.apply(value, target, args)
        throw new Failure(`${path} was deleted or renamed`)
      }
    },
  })
}

/** A database that accepts a connection and then says nothing would be waited for without end. */
const connectMs = 15_000

/** Nor must a missing schema be created. */
async function openPostgres(connectionString: string, flags: Flags): Promise<OpenedInbox> {
  if (!/^postgres(ql)?:\/\//i.test(connectionString))
    throw new UsageError('--postgres: expected a URL, postgres://user@host/database') // what was given may have a password
  const [{ postgresInbox, postgresSchema }, { default: pg }] = await Promise.all([
    import('@hookport/postgres'),
    import('pg'),
  ])
  const names = givenOf(flags, ['schema', 'application'])
  postgresSchema(names) // refuses names that can't be, before anything is asked
  assertAddress(() => new pg.Client({ connectionString }))
  const { schema = 'hookport' } = names
  const pool = new pg.Pool({ connectionString, max: 4, connectionTimeoutMillis: connectMs })
  const ask = async () =>
    pool.query("SELECT to_regclass(format('%I.layout', $1::text)) IS NOT NULL AS there", [schema])
  const isThere = await ask().catch(async (error: Error) => {
    await pool.end()
    throw new Failure(`--postgres: the database can't be reached: ${error.message || reasonOf(error)}`)
  })
  if (isThere.rows[0]?.there !== true) {
    await pool.end()
    throw new Failure(`--postgres: there is no inbox in the schema ${schema}; give another one with --schema`)
  }
  const inbox = postgresInbox({ pool, ...names })
  return { inbox, close: () => inbox.close().finally(() => pool.end()) }
}

/** @throws {UsageError} for an address that can't be read. The message does not repeat it, as it may have a password. */
function assertAddress(read: () => unknown): void {
  try {
    read()
  } catch {
    throw new UsageError(
      "--postgres: the URL can't be read: are % and special characters of the password encoded?",
    )
  }
}

/** Nothing else uses it. */
function opened(inbox: Inbox): OpenedInbox {
  return { inbox, close: () => inbox.close() }
}

function givenOf<const Name extends string>(
  flags: Flags,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const given = names
    .map((name) => [name, flags.text(name)] as const)
    .filter(([, value]) => value !== undefined)
  return Object.fromEntries(given) as Partial<Record<Name, string>>
}
