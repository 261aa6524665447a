import { Cluster, type ClusterNode, Redis, type RedisOptions } from 'ioredis'

export type RedisClient = Redis | Cluster

/** A client whose options are copied, options, or a URL. */
export type ConnectionOption = RedisClient | RedisOptions | string

export function isClient(value: unknown): value is RedisClient {
  return value instanceof Redis || value instanceof Cluster
}

/** Commands are not queued while there is no connection, and not sent again when it breaks. `RedisLink` waits, and repeats calls that may be repeated. */
const common = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 2_000,
  maxLoadingRetryTime: 500, // how often a Redis that is loading its data is asked whether it is ready
  reconnectOnError: null, // `RedisLink` knows which errors another connection may end, and sends again what may be sent again
  retryStrategy: (times: number) => Math.min(25 * 2 ** times, 500),
  sentinelRetryStrategy: (times: number) => Math.min(50 * times, 500),
  replyMapping: 'legacy', // with the next line: answers as scripts and calls read them, whatever the application wants for its own
  stringNumbers: false,
} as const

/** For accepting. It answers or fails within `acceptTimeout`, 3 s by default. A silent connection is given up. */
const acceptOptions = { ...common, commandTimeout: 2_500, socketTimeout: 5_000 }

/** For handling. It waits a little longer for slow answers. ioredis does not pipeline it, as that halves a worker's throughput. */
const workOptions = { ...common, commandTimeout: 5_000, socketTimeout: 10_000 }

/** For blocking on a marker, at most 10 s. A limit on commands that the application has for its own would end each wait, and lose the marker. */
const blockOptions = {
  ...common,
  commandTimeout: undefined,
  blockingTimeout: undefined,
  socketTimeout: 15_000,
}

const optionsFor = { accept: acceptOptions, work: workOptions, block: blockOptions }

/** A separate connection of the inbox, created on first use. */
export function openConnection(connection: ConnectionOption, purpose: keyof typeof optionsFor): RedisClient {
  const client = connect(connection, optionsFor[purpose])
  client.on('error', () => {}) // commands reject; an error event without a listener would end the process
  return client
}

function connect(
  connection: ConnectionOption,
  own: (typeof optionsFor)[keyof typeof optionsFor],
): RedisClient {
  if (connection instanceof Cluster) {
    const { lazyConnect: _, ...ofNodes } = own
    return connection.duplicate([], {
      ...connection.options,
      lazyConnect: true,
      enableOfflineQueue: false,
      scaleReads: 'master', // a replica may not have yet what was just written
      redisOptions: { ...connection.options.redisOptions, ...ofNodes },
    })
  }
  if (connection instanceof Redis) return connection.duplicate(own)
  if (typeof connection === 'string') return new Redis(withoutOwn(connection), own)
  return new Redis({ ...connection, ...own })
}

export function databaseOf(client: RedisClient): number {
  return client instanceof Redis ? Number(client.options.db ?? 0) : 0
}

/** The address of the store, without secrets. */
export function addressOf(connection: ConnectionOption): string {
  if (connection instanceof Cluster) {
    const nodes = Reflect.get(connection, 'startupNodes') as ClusterNode[]
    return `redis cluster ${nodes.map((node) => hostOf(nodeOf(node))).join(',')}`
  }
  const { path, db = 0, sentinels, name, ...address } = optionsOf(connection)
  if (path) return `redis at ${path}, database ${db}`
  if (sentinels) return `redis ${name} of sentinels ${sentinels.map(hostOf).join(',')}, database ${db}`
  return `redis://${hostOf(address)}/${db}`
}

export function optionsOf(connection: Redis | RedisOptions | string): RedisOptions {
  if (typeof connection === 'string') return new Redis(withoutOwn(connection), common).options
  return connection instanceof Redis ? connection.options : connection
}

/** A URL without options that are the inbox's own, as a URL with `stringNumbers=true` for another library: to ioredis, it wins over options. */
function withoutOwn(address: string): string {
  const [, place, query, rest] = /^([^?]*)\?([^#]*)(.*)$/s.exec(address) ?? []
  if (query === undefined) return address
  const options = new URLSearchParams(query)
  for (const name of Object.keys(blockOptions)) options.delete(name)
  return `${place}?${options}${rest}`
}

/** A URL may have a password. */
function nodeOf(node: ClusterNode): Exclude<ClusterNode, string | number> {
  return typeof node === 'number' ? { port: node } : optionsOf(node as string | RedisOptions)
}

function hostOf({
  host = 'localhost',
  port = 6379,
}: {
  host?: string | undefined
  port?: number | undefined
}): string {
  return `${isThisMachine(host) ? 'localhost' : host.toLowerCase()}:${port}`
}

/** The option has several names. */
function isThisMachine(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host)
}
