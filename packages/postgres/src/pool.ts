import { ConfigurationError } from '@hookport/core'

/** What the inbox needs of a pool. A `Pool` of `pg` is one, and so is one of `@neondatabase/serverless`. */
export interface PostgresPool {
  /** Takes a connection. Waits where all are taken. */
  connect(): Promise<PostgresClient>
  /** Registers a listener for errors of idle connections. */
  on(event: 'error', listener: (error: Error) => void): unknown
  readonly options?: { readonly max?: number | undefined }
}

/** A connection that was taken from a pool. */
export interface PostgresClient {
  /** Runs one statement, with its values as parameters. */
  query(statement: StatementOnPool, values?: unknown[]): Promise<QueryAnswer>
  /** With an error, the connection is closed and not used again. */
  release(error?: Error): void
  /** `T` in a transaction, `E` in one that has failed. Older versions of `pg` can't tell. */
  getTransactionStatus?(): string | null
  /** Registers a listener for errors of the connection itself, outside of a query. */
  on(event: 'error', listener: (error: Error) => void): unknown
  /** Removes a listener. */
  removeListener(event: 'error', listener: (error: Error) => void): unknown
}

/** A statement, in the form in which `pg` takes one that is not only a text. */
export interface StatementOnPool {
  readonly text: string
  /** How values of the answer are read, in place of the parsers that the application has set for all queries. */
  readonly types: {
    /** The parser of a type, by its OID. It is given the text of a value that is not NULL. */
    getTypeParser(oid: number): (text: string) => unknown
  }
}

/** The result of a statement. */
export interface QueryAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: rows have the columns that their statement names
  readonly rows: any[]
}

/** A separate connection of the inbox, which is not from the pool. */
export interface OwnClient {
  readonly host?: string
  readonly port?: number
  readonly database?: string
  readonly user?: string
  /** Whether all of its answers have the binary format. */
  readonly binary?: boolean
  /** As the clients of `pg` have it: `end` waits for the server, however long that does not answer. */
  readonly connection?: { readonly stream?: { destroy(): unknown } }
  connect(): Promise<unknown>
  query(text: string): Promise<unknown>
  end(): Promise<void>
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'end', listener: () => void): unknown
  on(
    event: 'notification',
    listener: (message: { channel: string; payload?: string | undefined }) => void,
  ): unknown
}

/** How long a separate connection may take to be made, where the pool does not say it. */
const connectMs = 10_000
/** Where it has had nothing to say for that long, the network is asked whether it still leads to the server. Routers forget connections after some minutes. */
const aliveMs = 60_000

/**
 * Creates a client of the pool's own class that is not connected yet. Undefined where the pool does not say its class.
 *
 * @throws {ConfigurationError} for an address that can't be read. The error of the class may show the URL, with its password.
 */
export function clientBeside(
  pool: PostgresPool,
  connectionString?: string,
  more: { readonly stream?: object } = {},
): OwnClient | undefined {
  const { Client, options = {} } = pool as {
    Client?: new (options: object) => OwnClient
    options?: { readonly password?: unknown; readonly connectionTimeoutMillis?: number }
  }
  if (typeof Client !== 'function') return undefined
  const connectionTimeoutMillis = options.connectionTimeoutMillis || connectMs
  const ours = { keepAlive: true, keepAliveInitialDelayMillis: aliveMs }
  const address =
    connectionString === undefined ? { ...secretsOf(options), ...options } : { connectionString }
  try {
    return new Client({ ...ours, ...address, ...more, connectionTimeoutMillis })
  } catch (error) {
    const what = connectionString === undefined ? "the pool's address" : 'listen'
    throw new ConfigurationError(
      `postgresInbox: ${what} can't be read (${error instanceof Error ? error.message : error}): is it a valid URL, with % and special characters of the password encoded?`,
    )
  }
}

/**
 * The same, to read its options only. An application may have given the pool a `stream`, such as that of a connector to a cloud or of a tunnel, which
 * begins to connect as soon as a client is created; nobody would end that connection.
 */
export function readClient(pool: PostgresPool, connectionString?: string): OwnClient | undefined {
  return clientBeside(pool, connectionString, { stream: {} })
}

/** `pg` hides the password when the options are printed or listed. */
function secretsOf(options: object | undefined): object {
  const { password } = (options ?? {}) as { password?: unknown }
  return password === undefined ? {} : { password }
}

/** The address of the pool's connections, as the name of the store. It has no password, and is the same for every pool of that address, however it is written. */
export function addressOf(pool: PostgresPool): string {
  const { host = 'localhost', port = 5432, database = '' } = readClient(pool) ?? {}
  return `${isThisMachine(host) ? 'localhost' : host.toLowerCase()}:${port}/${database}`
}

/** The option has several names. */
function isThisMachine(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|::1)$/i.test(host)
}
