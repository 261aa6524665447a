import { postgresSchema } from '@hookport/postgres'
import { expect, test } from 'vitest'
import { hookport } from './support/run-command.ts'

test('postgres sql prints what makes the tables', async () => {
  const { exitCode, printed } = await hookport([
    'postgres',
    'sql',
    '--schema',
    'webhooks',
    '--application',
    'shop',
  ])
  expect(exitCode).toBe(0)
  expect(printed.trim()).toBe(postgresSchema({ schema: 'webhooks', application: 'shop' }).trim())
  expect(printed).toContain('CREATE TABLE "webhooks".events')
})

test('postgres sql --json prints it as one document', async () => {
  const { printed } = await hookport(['postgres', 'sql', '--json'])
  expect(JSON.parse(printed)).toEqual({ sql: postgresSchema() })
})

test.each([
  [['postgres'], 2, 'postgres needs an action: sql'],
  [['postgres', 'sqll'], 2, 'unknown action sqll; did you mean sql?'],
  [['postgres', 'sql', 'more'], 2, 'postgres sql takes no operand: more'],
  [
    ['postgres', 'sql', '--schema', 'a b'],
    2,
    'schema is "a b"; it must consist of letters, digits and underscores',
  ],
])('%j is a mistake that is told', async (args, exitCode, complaint) => {
  const result = await hookport(args)
  expect(result.exitCode).toBe(exitCode)
  expect(result.noted).toContain(complaint)
})
