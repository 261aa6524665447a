import { OnceError, receiptsSql } from '@hookport/once'
import { suggestion } from '../../flags/nearest-name.ts'
import { exitCodes, UsageError } from '../../terminal/exit-codes.ts'
import type { Command } from '../command.ts'

const dialects = ['postgres', 'sqlite'] as const

export const onceCommand: Command = {
  name: 'once',
  summary: 'Print the SQL that creates the receipts table of @hookport/once, for your own migrations',
  synopsis: 'sql [--dialect postgres|sqlite] [--table NAME]',
  flags: {
    dialect: { value: 'NAME', help: `${dialects.join(' or ')} (postgres)` },
    table: { value: 'NAME', help: 'as given to onceIn (hookport_receipts)' },
  },
  examples: ['sql --table app.receipts | psql "$DATABASE_URL"'],
  async run(flags, [action, ...rest], terminal) {
    if (action !== 'sql' || rest.length > 0)
      throw new UsageError(`once has only one action: sql${suggestion(action ?? '', ['sql'])}`)
    const dialect = flags.choice('dialect', dialects) === 'sqlite' ? 'sqlite' : 'postgres'
    const table = flags.text('table')
    const sql = sqlFor(dialect, table)
    terminal.print(flags.has('json') ? JSON.stringify({ sql }) : sql.trimEnd())
    return exitCodes.ok
  },
}

function sqlFor(dialect: 'postgres' | 'sqlite', table: string | undefined): string {
  try {
    return receiptsSql(dialect, table === undefined ? {} : { table })
  } catch (error) {
    if (error instanceof OnceError) throw new UsageError(`--${error.message}`)
    throw error
  }
}
