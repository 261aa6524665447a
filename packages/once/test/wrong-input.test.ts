import { onceIn } from '@hookport/once/pg'
import pg from 'pg'
import { expect, test, vi } from 'vitest'

const pool = new pg.Pool()

test.each([
  [{ tabel: 'x' }, 'unknown option tabel; the options are table and keepReceiptsFor'],
  ['receipts', 'the options are a string; they must be an object: { table, keepReceiptsFor }'],
  [7, 'the options are a number; they must be an object'],
  [{ table: 'Receipts' }, 'table is "Receipts"; it must be a name of lower-case letters'],
  [{ table: 'a; drop table b' }, 'it must be a name of lower-case letters'],
  [{ table: 7 }, 'table is 7'],
  [{ keepReceiptsFor: 0 }, 'keepReceiptsFor is 0; it must be a number of milliseconds above 0'],
  [{ keepReceiptsFor: '90d' }, 'keepReceiptsFor is 90d'],
])('the options %j are refused', (options, message) => {
  expect(() => onceIn(pool, options as never)).toThrow(
    expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining(message) }),
  )
})

test.each([
  [[undefined, () => {}], 'once needs a name first'],
  [[() => {}], 'once needs a name first'],
  [['', () => {}], 'it must be a string of 1 to 200 characters'],
  [[' save', () => {}], 'without spaces around it'],
  [['a\nb', () => {}], 'it must be a string of 1 to 200 characters'],
  [['x'.repeat(201), () => {}], 'it must be a string of 1 to 200 characters'],
  [['save'], 'once("save") needs { load, apply } or a function, got undefined'],
  [['save', null], 'got null'],
  [['save', {}], 'once("save") needs apply'],
  [['save', { aply: () => {} }], 'once("save") has no step aply; its steps are load and apply'],
  [['save', { apply: 'insert' }], 'apply of once("save") must be a function, got string'],
  [['save', { apply: () => {}, load: 7 }], 'load of once("save") must be a function, got number'],
])('once%j is refused', (given, message) => {
  const once = onceIn(pool) as unknown as (...given: unknown[]) => unknown
  expect(() => once(...given)).toThrow(
    expect.objectContaining({ code: 'invalid_option', message: expect.stringContaining(message) }),
  )
})

test('a name is given once, but for development, where modules are evaluated anew', () => {
  const once = onceIn(pool)
  once('save', () => {})
  expect(() => once('save', () => {})).toThrow('there is a once("save") already')
  onceIn(pool)('save', () => {})
  vi.stubEnv('NODE_ENV', 'development')
  once('save', () => {})
  vi.unstubAllEnvs()
})

test('what is no pool is refused', () => {
  expect(() => onceIn(new pg.Client() as never)).toThrow('needs a Pool')
  expect(() => onceIn(undefined as never)).toThrow('needs a Pool')
})
