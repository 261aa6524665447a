/** What the inbox asks of a pool: a `Pool` of `pg` is one, and so is one of `@neondatabase/serverless`. */
export interface PostgresPool {
  /** Takes a connection, and waits where all are taken. */
  connect(): Promise<PostgresClient>
  /** Told of an error of a connection that nobody has taken. */
  on(event: 'error', listener: (error: Error) => void): unknown
  readonly options?: { readonly max?: number | undefined }
}

/** A connection that was taken from a pool. */
export interface PostgresClient {
  /** Runs one statement, with its values as parameters. */
  query(text: string, values?: unknown[]): Promise<QueryAnswer>
  /** With an error, the connection is not used again. */
  release(error?: Error): void
  /** Told of an error of the connection itself, beside any query. */
  on(event: 'error', listener: (error: Error) => void): unknown
  /** Takes back what `on` was given. */
  removeListener(event: 'error', listener: (error: Error) => void): unknown
}

/** What a statement answers. */
export interface QueryAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: rows have the columns that their statement names
  readonly rows: any[]
}

/** A connection of the inbox's own, beside the pool. */
export interface OwnClient {
  readonly host?: string
  readonly port?: number
  readonly database?: string
  readonly user?: string
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

/** Makes a client that is not connected yet, of the pool's own class. Undefined where the pool does not say which that is. */
export function clientBeside(pool: PostgresPool, connectionString?: string): OwnClient | undefined {
  const { Client, options } = pool as { Client?: new (options: object) => OwnClient; options?: object }
  if (typeof Client !== 'function') return undefined
  return new Client(
    connectionString === undefined ? { ...secretsOf(options), ...options } : { connectionString },
  )
}

/** `pg` hides the password from whoever looks at the options. */
function secretsOf(options: object | undefined): object {
  const { password } = (options ?? {}) as { password?: unknown }
  return password === undefined ? {} : { password }
}

/** Where the pool's connections lead, for a name of the store: no password, and the same for every pool of that address. */
export function addressOf(pool: PostgresPool): string {
  const { host = 'localhost', port = 5432, database = '' } = clientBeside(pool) ?? {}
  return `${host}:${port}/${database}`
}
