import { type BullmqInbox, type BullmqInboxOptions, bullmqInbox } from '@hookport/bullmq'
import { ConfigurationError } from '@hookport/core'
import { Cluster, Redis } from 'ioredis'
import { afterAll, expect, test } from 'vitest'
import { resolveOptions } from '../src/bullmq-inbox-options.ts'

const connection = 'redis://127.0.0.1:6379'
const client = new Redis(connection, { lazyConnect: true })
const cluster = new Cluster([{ host: '127.0.0.1', port: 6379 }], { lazyConnect: true })

afterAll(() => {
  client.disconnect()
  cluster.disconnect()
})

test('what is not said is as the options say: 30 s, dead letters for ever, nine tenths of the memory', () => {
  const { queueName, ...resolved } = resolveOptions({ connection })
  expect(resolved).toEqual({
    connection,
    prefix: '{hookport}',
    application: 'hookport',
    leaseMs: 30_000,
    keepDeadFor: Number.POSITIVE_INFINITY,
    maxMemoryShare: 0.9,
  })
  expect(queueName).toBe('webhooks')
})

const call = bullmqInbox as (...given: unknown[]) => unknown

const shown = "they must be an object: { connection: 'redis://127.0.0.1:6379' }"
const hasIt = 'they must be an object that has it: { connection }'

test.each<[string, unknown[], string]>([
  ['nothing', [], `the options are missing; ${shown}`],
  ['null', [null], `the options are null; ${shown}`],
  ['a URL', ['redis://:secret@127.0.0.1'], `the options are a string; ${shown}`],
  ['a client', [client], `the options are a client of Redis; ${hasIt}`],
  ['a cluster', [cluster], `the options are a client of Redis; ${hasIt}`],
])('%s in place of options: the error shows what to give', (_, given, complaint) => {
  expect(() => call(...given)).toThrow(new ConfigurationError(`bullmqInbox: ${complaint}`))
})

const noAddress = 'connection is a string that is no address of Redis; it must be a URL, such as redis://127'

test.each<[string, Record<string, unknown>, string]>([
  ['no connection', {}, 'connection is missing; is the environment variable'],
  ['a URL of something else', { connection: 'http://127.0.0.1:6379' }, noAddress],
  ['a text that is no URL', { connection: 'foo bar' }, noAddress],
  ['a word of a missing variable', { connection: 'undefined' }, noAddress],
  ['a host without a port', { connection: 'localhost' }, noAddress],
  ['a URL that can not be read', { connection: 'redis://:secret@host:port' }, noAddress],
  ['a port with more behind it', { connection: '127.0.0.1:6379/shop' }, noAddress],
  ['a URL with more before it', { connection: 'xredis://127.0.0.1:6379' }, noAddress],
  ['a database that is no number', { connection: 'redis://127.0.0.1/shop' }, noAddress],
  [
    'a password whose % encodes nothing',
    { connection: 'redis://:p%zz@127.0.0.1:6379' },
    "connection can't be used: its user name or password has a % that encodes nothing; write %25 for a %",
  ],
  ['sentinels that are no list', { connection: { sentinels: 'x' } }, "connection can't be used: sentinels."],
  ['a host that is no string', { connection: { host: 5 } }, "connection can't be used: host."],
  ['a port alone', { connection: 6379 }, 'connection is a number; it must be a URL'],
  ['a URL among options', { connection: { url: connection } }, 'connection has a url, which is no option of'],
  [
    'an address among options',
    { connection: { connectionString: connection } },
    'connection has a connection',
  ],
  [
    'a URL as an object',
    { connection: new URL(connection) },
    'connection is an object of the class URL (give its href',
  ],
  [
    'a promise',
    { connection: Promise.resolve(connection) },
    'connection is a promise (await it); it must be a URL',
  ],
  ['several', { connection: [connection] }, 'connection is an array; it must be a URL'],
  [
    'a client of something else',
    { connection: { options: {}, duplicate: () => undefined } },
    'connection is a client of another package or another copy of ioredis; give the URL of Redis',
  ],
  ['a key prefix', { connection: { keyPrefix: 'x' } }, 'BullMQ does not work with keyPrefix'],
  ['a key prefix in a URL', { connection: `${connection}?keyPrefix=x` }, 'BullMQ does not work with keyPref'],
  [
    'an unknown option',
    { connection, conection: 1 },
    'unknown option bullmqInbox.conection; did you mean bullmqInbox.connection?',
  ],
  ['an application that is no string', { connection, application: null }, 'application is null; it must'],
  [
    'an application with a colon before it',
    { connection, application: ':a' },
    'application is ":a"; it must',
  ],
  [
    'an application with a colon behind it',
    { connection, application: 'a:' },
    'application is "a:"; it must',
  ],
  ['a prefix that is empty', { connection, prefix: '' }, 'prefix must be a string that is not empty'],
  ['a prefix that is no string', { connection, prefix: 7 }, 'prefix must be a string that is not empty'],
  ['a name that is no string', { connection, queueName: 7 }, 'queueName must be a string that is not empty'],
  ['a name that is empty', { connection, queueName: '' }, 'queueName must be a string that is not empty'],
  ['a name with a colon', { connection, queueName: 'a:b' }, 'queueName must be a string that is not empty'],
  [
    'a lease that is too short',
    { connection, leaseMs: 99 },
    'leaseMs is 99; it must be a whole number of 100',
  ],
  [
    'a lease that is not whole',
    { connection, leaseMs: 100.5 },
    'leaseMs is 100.5; it must be a whole number',
  ],
  [
    'a lease without an end',
    { connection, leaseMs: Number.POSITIVE_INFINITY },
    'leaseMs is Infinity; it must',
  ],
  ['dead letters that are not kept', { connection, keepDeadFor: 0 }, 'keepDeadFor is 0; it must be a number'],
  [
    'a share of nothing',
    { connection, maxMemoryShare: 0 },
    'maxMemoryShare is 0; it must be a number above 0',
  ],
  ['a share above all', { connection, maxMemoryShare: 1.01 }, 'maxMemoryShare is 1.01; it must be a number'],
  ['a time that is no number', { connection, keepDeadFor: '1' }, 'keepDeadFor is 1; it must be a number'],
  ['a share that is no number', { connection, maxMemoryShare: '1' }, 'maxMemoryShare is 1; it must be a'],
])('%s is refused at construction', (_, options, complaint) => {
  expect(() => call(options)).toThrow(ConfigurationError)
  expect(() => call(options)).toThrow(complaint)
  expect(() => call(options)).toThrow(/^(?=.*bullmqInbox)(?!.*secret)/)
})

test.each<[string, unknown]>([
  ['a URL', connection],
  ['a URL with a database', 'redis://user:secret@127.0.0.1:6379/3'],
  ['a URL with one of many databases', 'redis://127.0.0.1:6379/12'],
  ['a URL with a slash at its end', 'redis://127.0.0.1/'],
  ['a URL for TLS', 'rediss://127.0.0.1'],
  ['a URL with options', 'redis://127.0.0.1:6379?family=4'],
  ['the path of a socket', '/run/redis.sock?db=2'],
  ['a host and a port', 'redis:6379'],
  ['options', { host: '127.0.0.1', db: 1 }],
  ['a client', client],
  ['a cluster', cluster],
])('the connection may be %s', (_, given) => {
  expect(() => call({ connection: given })).not.toThrow()
})

test.each<[string, Partial<BullmqInboxOptions>]>([
  ['the shortest lease', { leaseMs: 100 }],
  ['the shortest time for dead letters', { keepDeadFor: 1 }],
  ['all of the memory', { maxMemoryShare: 1 }],
  ['a small share of it', { maxMemoryShare: 0.01 }],
])('%s is accepted', (_, options) => {
  expect(() => call({ connection, ...options })).not.toThrow()
})

test('an option that is undefined has its default', () => {
  const nothing = { application: undefined, prefix: undefined, queueName: undefined, leaseMs: undefined }
  const given = { connection, keepDeadFor: undefined, maxMemoryShare: undefined, ...nothing }
  expect((call(given) as BullmqInbox).store).toBe(bullmqInbox({ connection }).store)
})
