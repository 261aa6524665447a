import { expect, test } from 'vitest'
import { explained, explainedEnding, isConflict } from '../src/sql/database-errors.ts'

// As drivers tell of it: by SQLSTATE, by the number of SQLite, also an extended one, or by its text alone.
test.each([
  ['table_missing', { code: '42P01' }],
  ['table_missing', { message: 'no such table: receipts' }],
  ['not_permitted', { code: '42501' }],
  ['read_only', { code: '25006' }],
  ['read_only', { errcode: 8 }],
  ['read_only', { rawCode: 1032 }],
  ['read_only', { message: 'attempt to write a readonly database' }],
  ['foreign_table', { code: '42703' }],
  ['foreign_table', { code: '42P10' }],
  ['foreign_table', { code: '42804' }],
  ['foreign_table', { message: 'table receipts has no column named handler' }],
  ['foreign_table', { message: 'ON CONFLICT clause does not match any PRIMARY KEY or UNIQUE constraint' }],
])('%s is told of %j, also where an ORM has wrapped it', (code, error) => {
  for (const told of [
    error,
    { message: 'failed query', cause: error },
    { meta: { driverAdapterError: error } },
  ])
    expect(explained(told, 'receipts')).toMatchObject({ code, cause: told })
})

test('a schema is named where the table is in one', () => {
  const messageOf = (table: string) => (explained({ code: '42501' }, table) as Error).message
  expect(messageOf('app.receipts')).toContain('usage on schema app')
  expect(messageOf('receipts')).not.toContain('schema app')
})

test.each([
  ['rolled_back', { code: '25P02' }],
  ['transaction_ended', { code: '25P01' }],
  ['transaction_ended', { code: '3B001' }],
  ['transaction_ended', { message: 'no such savepoint: hookport_once' }],
])('at the end of a transaction, %s is told of %j', (code, error) => {
  expect(explainedEnding(error)).toMatchObject({ code, cause: error })
})

test('what is not known is told as it is', () => {
  const error = new Error('no idea')
  expect(explained(error, 'receipts')).toBe(error)
  expect(explainedEnding(error)).toBe(error)
})

test.each([
  { code: '40001' },
  { code: '40P01' },
  { code: 'P2034' },
  { code: 'TRANSACTION_ACTIVE' },
  { code: 'SQLITE_BUSY' },
  { code: 'SQLITE_LOCKED_SHAREDCACHE' },
  { errcode: 5 },
  { errcode: 517 }, // an extended 5: the file was changed since the transaction began to read
  { rawCode: 6 },
])('%j is a conflict with others, also where an ORM has wrapped it', (error) => {
  for (const told of [error, { cause: error }, { meta: { driverAdapterError: error } }])
    expect(isConflict(told)).toBe(true)
})

test.each([
  { code: '42P01' },
  { code: 'SQLITE_ERROR' },
  { errcode: 1 },
  { errcode: 261 << 8 },
  {},
  undefined,
])('%j is no conflict', (error) => {
  expect(isConflict(error)).toBe(false)
})
