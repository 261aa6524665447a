import { Cluster, type ClusterNode, Redis, type RedisOptions } from 'ioredis'
import { afterEach, expect, test } from 'vitest'
import { addressOf, openConnection } from '../src/redis/connections.ts'

const opened: (Redis | Cluster)[] = []
const kept = <Client extends Redis | Cluster>(client: Client): Client => {
  opened.push(client)
  return client
}

afterEach(() => {
  for (const client of opened.splice(0)) client.disconnect()
})

const cluster = (nodes: ClusterNode[], options = {}) =>
  kept(new Cluster(nodes, { lazyConnect: true, ...options }))

test.each<[string, RedisOptions | string, string]>([
  ['options that say nothing', {}, 'redis://localhost:6379/0'],
  ['a host', { host: 'Redis.test', port: 6380, password: 'secret', db: 2 }, 'redis://redis.test:6380/2'],
  [
    'a socket',
    { path: '/run/redis.sock', password: 'secret', db: 2 },
    'redis at /run/redis.sock, database 2',
  ],
  ['the path of a socket', '/run/redis.sock', 'redis at /run/redis.sock, database 0'],
  [
    'sentinels',
    {
      sentinels: [{ host: '127.0.0.1', port: 26_379 }, { host: 'b' }],
      name: 'main',
      sentinelPassword: 'secret',
    },
    'redis main of sentinels localhost:26379,b:6379, database 0',
  ],
  ['this machine by another of its numbers', { host: '127.0.0.53' }, 'redis://localhost:6379/0'],
  [
    'a host that only begins as this machine does',
    { host: '127.0.0.1.test' },
    'redis://127.0.0.1.test:6379/0',
  ],
  ['a host that only ends as this machine does', { host: 'not.localhost' }, 'redis://not.localhost:6379/0'],
])('the address of %s', (_, connection, address) => {
  expect(addressOf(connection)).toBe(address)
})

test('the address of a client is that of its options', () => {
  expect(addressOf(kept(new Redis('redis://:secret@shop.test:6380/4', { lazyConnect: true })))).toBe(
    'redis://shop.test:6380/4',
  )
})

test('the address of a cluster names its nodes, in whichever form they were given, and no password', () => {
  const nodes = [{ host: '127.0.0.1', port: 7_000 }, 7_001, 'redis://user:secret@b.test:7002', { host: 'c' }]
  expect(addressOf(cluster(nodes))).toBe('redis cluster localhost:7000,localhost:7001,b.test:7002,c:6379')
})

const own = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  reconnectOnError: null,
}

test.each(['accept', 'work', 'block'] as const)(
  'a connection to %s is made at its first use, and neither queues nor repeats commands, whatever the options say',
  (purpose) => {
    const queues = {
      enableOfflineQueue: true,
      maxRetriesPerRequest: null,
      reconnectOnError: () => 2 as const,
    }
    const given = { port: 6_390, lazyConnect: false, ...queues }
    const client = new Redis({ ...given, lazyConnect: true })
    const url = 'redis://127.0.0.1:6390'
    const urlThatQueues = `${url}?lazyConnect=&enableOfflineQueue=true&maxRetriesPerRequest=20`
    for (const connection of [given, client, url, urlThatQueues])
      expect(kept(openConnection(connection, purpose) as Redis)).toMatchObject({
        status: 'wait',
        options: { ...own, port: 6_390, lazyConnect: true },
      })
  },
)

test('each node of a cluster is connected to with the options of its purpose, and with those that it was given', () => {
  const given = cluster([7_000], { redisOptions: { password: 'secret', maxRetriesPerRequest: null } })
  const client = kept(openConnection(given, 'work') as Cluster)
  expect(client).not.toBe(given)
  expect(client).toMatchObject({
    status: 'wait',
    options: { lazyConnect: true, enableOfflineQueue: false, redisOptions: { ...own, password: 'secret' } },
  })
  expect(client.options.redisOptions).not.toHaveProperty('lazyConnect')
})

test('what is written to a cluster is read from where it was written, wherever the application reads its own', () => {
  const given = cluster([7_000], { scaleReads: 'slave' })
  expect(kept(openConnection(given, 'work') as Cluster).options.scaleReads).toBe('master')
})

test.each([
  ['options that say nothing of it', {}],
  ['options that limit commands', { commandTimeout: 1_000, socketTimeout: 1_000, blockingTimeout: 50 }],
  ['a URL that limits commands', 'redis://127.0.0.1?commandTimeout=1000&socketTimeout=1000'],
  [
    'a client that limits commands',
    kept(new Redis({ lazyConnect: true, commandTimeout: 1_000, socketTimeout: 1_000 })),
  ],
])(
  'with %s, a silent Redis is given up: sooner where a sender waits, and never while a call may block',
  (_, given) => {
    const timesOf = (purpose: 'accept' | 'work' | 'block') => {
      const { options } = kept(openConnection(given, purpose) as Redis)
      return [options.commandTimeout, options.socketTimeout]
    }
    expect(timesOf('accept')).toEqual([2_500, 5_000])
    expect(timesOf('work')).toEqual([5_000, 10_000])
    expect(timesOf('block')).toEqual([undefined, 15_000])
    expect((kept(openConnection(given, 'block')) as Redis).options.blockingTimeout).toBeUndefined()
  },
)

test('what a URL says of its own is kept: the user, the password, the database and options that the inbox has no opinion of', () => {
  const url = 'rediss://us%3Fer:p%26w@shop.test:6380/4?stringNumbers=true&family=6&connectionName=a%26b'
  const { options } = kept(openConnection(url, 'accept') as Redis)
  const address = { host: 'shop.test', port: 6_380, db: 4, tls: true }
  const told = { username: 'us?er', password: 'p&w', family: 6, connectionName: 'a&b' }
  expect(options).toMatchObject({ ...address, ...told, stringNumbers: false })
})

test.each([
  ['redis://shop.test?stringNumbers=true&password=a?b', 'a?b'],
  ['redis://shop.test?password=a%3Fb%23&stringNumbers=true#c?d', 'a?b#'],
  ['/run/redis.sock?stringNumbers=true&password=a?b#c', 'a?b#c'],
])('the password in %s is kept, whatever characters it has', (url, password) => {
  const { options } = kept(openConnection(url, 'accept') as Redis)
  expect(options).toMatchObject({ password, stringNumbers: false })
})

test('connections are tried again after pauses that grow to half a second', () => {
  const { retryStrategy, sentinelRetryStrategy } = kept(openConnection({}, 'accept') as Redis).options
  const pauses = (strategy: typeof retryStrategy) => [1, 2, 4, 5, 20].map((times) => strategy?.(times))
  expect(pauses(retryStrategy)).toEqual([50, 100, 400, 500, 500])
  expect(pauses(sentinelRetryStrategy)).toEqual([50, 100, 200, 250, 500])
})

test('an error of a connection that nobody asked about does not end the process', () => {
  const client = kept(openConnection({}, 'accept'))
  expect(() => client.emit('error', new Error('connect ECONNREFUSED'))).not.toThrow()
})
