import { Socket } from 'node:net'
import { inspect } from 'node:util'
import { ConfigurationError } from '@hookport/core'
import { postgresInbox, postgresSchema } from '@hookport/postgres'
import pg from 'pg'
import { expect, test, vi } from 'vitest'
import { resolveOptions } from '../src/postgres-inbox-options.ts'

const pool = new pg.Pool({ connectionString: 'postgres://shop:secret@db.example:6543/shop' })

test('what is not said is as the options say: 30 s, 1 s, dead letters for ever', () => {
  expect(resolveOptions({ pool })).toEqual({
    pool,
    schema: 'hookport',
    application: 'hookport',
    listen: false,
    leaseMs: 30_000,
    pollMs: 1_000,
    keepDeadFor: Number.POSITIVE_INFINITY,
  })
})

const wrong: readonly [string, Record<string, unknown>, string][] = [
  ['no pool', {}, 'pool is missing; it must be a Pool of pg: new Pool({ connectionString })'],
  ['a URL for a pool', { pool: 'postgres://localhost/shop' }, 'pool is a string; it must be a Pool of pg'],
  ['a client for a pool', { pool: new pg.Client() }, 'pool is a client; it must be a Pool of pg'],
  [
    'an unknown option',
    { pool, shema: 'x' },
    'unknown option postgresInbox.shema; did you mean postgresInbox.schema?',
  ],
  [
    'a schema that needs quotes',
    { pool, schema: 'web hooks' },
    'schema is "web hooks"; it must consist of letters, digits and underscores',
  ],
  [
    'a schema that Postgres would cut off',
    { pool, schema: 'x'.repeat(51) },
    'and have at most 50 characters',
  ],
  [
    'an application that is not plain',
    { pool, application: "shop'" },
    'application is "shop\'"; it must consist of',
  ],
  ['a mistyped time', { pool, leaseMs: '30s' }, 'leaseMs is "30s"; it must be from 1 ms to 24 days'],
  [
    'a time that is no number',
    { pool, pollMs: Number.NaN },
    'pollMs is NaN; it must be from 1 ms to 24 days',
  ],
  ['a time of nothing', { pool, keepDeadFor: 0 }, 'keepDeadFor is 0; it must be a number above 0'],
  [
    'listening to nothing',
    { pool, listen: '' },
    'listen is empty; it must be true, false, or the URL of a direct connection',
  ],
  [
    'listening to a word',
    { pool, listen: 'yes' },
    'listen is a string that does not begin with postgres://; it must be true, false, or the URL of a direct connection',
  ],
  [
    'listening to the URL of something else',
    { pool, listen: 'redis://:secret@localhost' },
    'listen is a string that does not begin with postgres://; it must be',
  ],
  ['listening to a number', { pool, listen: 1 }, 'listen is 1; it must be true, false, or the URL'],
]

test.each(wrong)('%s is refused at construction', (_, options, complaint) => {
  expect(() => postgresInbox(options as never)).toThrow(ConfigurationError)
  expect(() => postgresInbox(options as never)).toThrow('postgresInbox')
  expect(() => postgresInbox(options as never)).toThrow(complaint)
})

test.each<[string, unknown[], string]>([
  ['no options', [], 'the options are missing; they must be an object: { pool: new Pool('],
  ['null', [null], 'the options are null; they must be an object: { pool: new Pool('],
  ['a URL', ['postgres://:secret@localhost'], 'the options are a string; they must be an object: { pool: '],
  ['a pool', [pool], 'the options are a pool; they must be an object that has it: { pool }'],
  ['a client', [new pg.Client()], 'the options are a client; they must be an object: { pool: new Pool('],
])('%s in place of options: the error shows what to give', (_, given, complaint) => {
  const call = postgresInbox as (...given: unknown[]) => unknown
  expect(() => call(...given)).toThrow(ConfigurationError)
  expect(() => call(...given)).toThrow(`postgresInbox: ${complaint}`)
})

test.each([true, false, 'postgres://localhost/shop', 'postgresql://shop:p@ss@[::1]:5432/shop', undefined])(
  'listen may be %s',
  (listen) => {
    expect(() => postgresInbox({ pool, ...(listen !== undefined && { listen }) })).not.toThrow()
  },
)

test('no error repeats what may hold a password', () => {
  for (const given of ['postgres://:secret@localhost', { pool, listen: 'redis://:secret@localhost' }])
    expect(() => postgresInbox(given as never)).toThrow(/^(?!.*secret)/)
})

test('the name of the store tells address, database and schema, and no password', () => {
  expect(postgresInbox({ pool }).store).toBe('db.example:6543/shop hookport')
  expect(postgresInbox({ pool, schema: 'other' }).store).toBe('db.example:6543/shop other')
})

test('the store is the same for every pool of one address, however it is written', () => {
  const storeAt = (host: string) =>
    postgresInbox({ pool: new pg.Pool({ connectionString: `postgres://shop:secret@${host}/shop` }) }).store
  for (const host of ['127.0.0.1', '127.0.0.53:5432', '[::1]', 'LOCALHOST'])
    expect(storeAt(host)).toBe(storeAt('localhost'))
  expect(storeAt('DB.example')).toBe(storeAt('db.example'))
  for (const host of ['127.0.0.1.example', 'not.localhost', 'localhost:5433'])
    expect(storeAt(host)).not.toBe(storeAt('localhost'))
})

test.each(['postgres://shop:secret@[::1', 'postgres://shop:secret@h:99999/shop', 'postgres://shop:secret@%'])(
  'an address that can’t be read is an error that does not show it: %s',
  (address) => {
    for (const given of [{ pool, listen: address }, { pool: new pg.Pool({ connectionString: address }) }]) {
      let error: unknown
      try {
        postgresInbox(given)
      } catch (thrown) {
        error = thrown
      }
      expect(error).toBeInstanceOf(ConfigurationError)
      expect(inspect(error), 'as Node prints it').not.toContain('secret')
    }
  },
)

test('an inbox that is made opens no connection by itself, where the application makes the streams of its pool', async () => {
  const stream = vi.fn(() => new Socket())
  const tunnelled = new pg.Pool({ stream })
  await postgresInbox({ pool: tunnelled, listen: true }).close()
  expect(stream).not.toHaveBeenCalled()
})

test('a schema of Postgres itself is refused', () => {
  expect(() => postgresInbox({ pool, schema: 'pg_webhooks' })).toThrow('keeps names that begin with pg_')
})

test('postgresSchema refuses a misspelt option, and what is no object', () => {
  const print = postgresSchema as (given: unknown) => unknown
  expect(() => print({ shema: 'shop' })).toThrow('did you mean postgresSchema.schema?')
  expect(() => print(null)).toThrow(ConfigurationError)
  expect(() => print('shop')).toThrow(ConfigurationError)
})

test('SQL is not printed for a name that can’t be one', () => {
  expect(() => postgresSchema({ schema: 'x; DROP' })).toThrow('schema is "x; DROP"')
  expect(() => postgresSchema({ application: "'" })).toThrow('application is')
})
