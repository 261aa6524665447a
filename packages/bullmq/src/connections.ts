import { Cluster, Redis, type RedisOptions } from 'ioredis'

export type RedisClient = Redis | Cluster

/** A client whose options are copied, options, or a URL. */
export type ConnectionOption = RedisClient | RedisOptions | string

/**
 * For accepting: answers or fails, and soon. A command is not queued while there is no connection, and not sent again when
 * it is lost with one: whether it ran is not known, and the sender's next delivery of the event finds out.
 */
const producerOptions: RedisOptions = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 2_000,
  commandTimeout: 2_500, // under acceptTimeout, 3 s by default
  socketTimeout: 5_000, // a connection that has gone silent is given up
  retryStrategy: (times) => Math.min(50 * 2 ** times, 1_000),
}

/** For handling: waits for Redis to come back, however long. Not pipelined: that halves a worker's throughput. */
const workerOptions: RedisOptions = {
  maxRetriesPerRequest: null,
  socketTimeout: 15_000, // a connection that has gone silent is given up; a worker blocks for 10 s at most
  retryStrategy: (times) => Math.min(50 * 2 ** times, 1_000),
}

/** A connection of the inbox's own, made when it is first used. */
export function producerConnection(connection: ConnectionOption): RedisClient {
  return connect(connection, producerOptions, true)
}

/** Connects at once: BullMQ gives up for good on a lazy connection whose first attempt fails. */
export function workerConnection(connection: ConnectionOption): RedisClient {
  return connect(connection, workerOptions, false)
}

function connect(connection: ConnectionOption, options: RedisOptions, lazyConnect: boolean): RedisClient {
  const replyMapping = 'legacy' as const
  const own = { ...options, lazyConnect, replyMapping }
  if (connection instanceof Cluster) {
    const { redisOptions, ...cluster } = connection.options
    return connection.duplicate([], {
      ...cluster,
      lazyConnect,
      enableOfflineQueue: options.enableOfflineQueue ?? true,
      redisOptions: { ...redisOptions, ...options, replyMapping },
    })
  }
  if (connection instanceof Redis) return connection.duplicate(own)
  if (typeof connection === 'string') return new Redis(connection, own)
  return new Redis({ ...connection, ...own })
}
