import { assertOptions } from '@hookport/core'
import { Layout, sqlOf } from './layout/layout.ts'
import { assertApplicationName, assertSchemaName } from './postgres-inbox-options.ts'
import { storedStatements } from './stored-statements.ts'

/** As for the inbox. */
export interface PostgresSchemaOptions {
  /** Defaults to `hookport`. */
  schema?: string
  /** Defaults to `hookport`. */
  application?: string
}

const known: Record<keyof PostgresSchemaOptions, true> = { schema: true, application: true }

/**
 * The SQL that the inbox runs at its first start, for people who run their own migrations, or whose application's role may not create tables.
 *
 * @throws {ConfigurationError} for a misspelt option, and for a value that can't work.
 */
export function postgresSchema(options: PostgresSchemaOptions = {}): string {
  assertOptions(options, known, 'postgresSchema')
  const { schema = 'hookport', application = 'hookport' } = options
  const layout = new Layout(assertSchemaName(schema), assertApplicationName(application))
  return sqlOf(layout.schema, layout.application, storedStatements(layout))
}
