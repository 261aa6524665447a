import { postgresInbox } from '@hookport/postgres'
import { expect, test } from 'vitest'
import { risksOf } from '../src/find-risks.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()

const safe = {
  version: 16,
  fsync: 'on',
  synchronous_commit: 'on',
  standbys: '',
  streaming: 0,
  in_recovery: false,
  read_only: 'off',
  isolation: 'read committed',
  encoding: 'UTF8',
  array_nulls: 'on',
}

test('Postgres as it is installed has no risks', async () => {
  const inbox = postgresInbox({ pool: database.pool() })
  expect(await inbox.findRisks?.()).toEqual([])
  await inbox.close()
})

test('risks are found where the pool’s sessions have other settings than the server', async () => {
  const inbox = postgresInbox({ pool: database.pool({ options: '-c synchronous_commit=off' }) })
  expect(await inbox.findRisks?.()).toEqual([expect.stringContaining('synchronous_commit off')])
  await inbox.close()
})

test.each([
  ['an old version', { version: 12 }, 'Postgres is version 12, and the inbox is made for 13 or later'],
  ['files that are not synced', { fsync: 'off' }, 'fsync off'],
  ['a standby', { in_recovery: true, read_only: 'on' }, 'Postgres is a standby'],
  ['read-only transactions', { read_only: 'on' }, 'default_transaction_read_only'],
  ['a standby that is not waited for', { streaming: 1 }, 'set synchronous_standby_names'],
  [
    'a standby that commits do not wait for',
    { streaming: 1, standbys: 'one', synchronous_commit: 'local' },
    'set synchronous_standby_names',
  ],
  ['an encoding that lacks characters', { encoding: 'LATIN1' }, 'the database is encoded in LATIN1'],
  ['arrays without NULL', { array_nulls: 'off' }, 'array_nulls off'],
  ['collisions', { isolation: 'repeatable read' }, 'default_transaction_isolation'],
])('a sentence tells of %s', (_, settings, sentence) => {
  expect(risksOf({ ...safe, ...settings })).toEqual([expect.stringContaining(sentence)])
})

test('a standby that is replicated synchronously is no risk', () => {
  expect(risksOf({ ...safe, streaming: 1, standbys: 'one' })).toEqual([])
})
