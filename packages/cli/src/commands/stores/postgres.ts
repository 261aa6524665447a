import { suggestion } from '../../flags/nearest-name.ts'
import { exitCodes, UsageError } from '../../terminal/exit-codes.ts'
import type { Command } from '../command.ts'

export const postgresCommand: Command = {
  name: 'postgres',
  summary:
    'Print the SQL that creates the tables of postgresInbox, for your own migrations, or if the application must not create tables',
  synopsis: 'sql [flags]',
  flags: {
    schema: { value: 'NAME', help: 'as given to postgresInbox (hookport)' },
    application: { value: 'NAME', help: 'as given to postgresInbox (hookport)' },
  },
  examples: ['sql | psql "$DATABASE_URL"', 'sql --schema webhooks > migrations/042-hookport.sql'],
  async run(flags, [action, ...operands], terminal) {
    if (action === undefined) throw new UsageError('postgres needs an action: sql')
    if (action !== 'sql') throw new UsageError(`unknown action ${action}${suggestion(action, ['sql'])}`)
    if (operands.length > 0) throw new UsageError(`postgres sql takes no operand: ${operands[0]}`)
    const { postgresSchema } = await import('@hookport/postgres')
    const schema = flags.text('schema')
    const application = flags.text('application')
    const sql = postgresSchema({
      ...(schema !== undefined && { schema }),
      ...(application !== undefined && { application }),
    })
    terminal.print(flags.has('json') ? JSON.stringify({ sql }) : sql.trimEnd())
    return exitCodes.ok
  },
}
