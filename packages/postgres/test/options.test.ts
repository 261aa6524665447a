import { ConfigurationError } from '@hookport/core'
import { postgresInbox, postgresSchema } from '@hookport/postgres'
import pg from 'pg'
import { expect, test } from 'vitest'

const pool = new pg.Pool({ connectionString: 'postgres://shop:secret@db.example:6543/shop' })

const wrong: readonly [string, Record<string, unknown>, string][] = [
  ['no pool', {}, 'pool is missing; it must be a Pool of pg: new Pool({ connectionString })'],
  ['a URL for a pool', { pool: 'postgres://localhost/shop' }, 'pool is a string; it must be a Pool of pg'],
  ['a client for a pool', { pool: new pg.Client() }, 'pool is a client; it must be a Pool of pg'],
  ['an unknown option', { pool, shema: 'x' }, 'unknown option shema; did you mean schema?'],
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
  ['a time of nothing', { pool, keepDeadFor: 0 }, 'keepDeadFor is 0; it must be a number above 0'],
  [
    'listening to nothing',
    { pool, listen: '' },
    'listen is ""; it must be true, or the URL of a direct connection',
  ],
]

test.each(wrong)('%s is refused at construction', (_, options, complaint) => {
  expect(() => postgresInbox(options as never)).toThrow(ConfigurationError)
  expect(() => postgresInbox(options as never)).toThrow(`postgresInbox: `)
  expect(() => postgresInbox(options as never)).toThrow(complaint)
})

test('the name of the store tells address, database and schema, and no password', () => {
  expect(postgresInbox({ pool }).store).toBe('db.example:6543/shop hookport')
  expect(postgresInbox({ pool, schema: 'other' }).store).toBe('db.example:6543/shop other')
})

test('SQL is not printed for a name that can’t be one', () => {
  expect(() => postgresSchema({ schema: 'x; DROP' })).toThrow('schema is "x; DROP"')
  expect(() => postgresSchema({ application: "'" })).toThrow('application is')
})
