import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { hookport } from './support/run-command.ts'

test('the SQL that is printed makes the table, on the database and by the name that are asked for', async () => {
  const { exitCode, printed } = await hookport(['once', 'sql', '--dialect', 'sqlite', '--table', 'receipts'])
  expect(exitCode).toBe(0)
  const database = new DatabaseSync(':memory:')
  database.exec(printed)
  database.exec("insert into receipts (event, handler) values ('acme:evt_1', 'save')")
  database.close()
  expect((await hookport(['once', 'sql'])).printed).toMatch(
    /^create table if not exists hookport_receipts \(\n/,
  )
})

test.each([
  [['once'], 'once has only one action: sql'],
  [['once', 'sqll'], 'did you mean sql?'],
  [['once', 'sql', '--dialect', 'mysql'], '--dialect'],
  [['once', 'sql', '--table', 'No Such'], '--table is "No Such"; it must be a name'],
])('%j is wrong usage, and says how', async (args, message) => {
  const { exitCode, noted } = await hookport(args)
  expect(exitCode).toBe(2)
  expect(noted).toContain(message)
})
