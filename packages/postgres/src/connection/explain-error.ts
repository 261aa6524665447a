import { reasonOf } from '@hookport/core'
import { grantsOnTables } from '../layout/layout-error.ts'
import type { ResolvedOptions } from '../postgres-inbox-options.ts'
import { isSocketEvent } from './kinds-of-error.ts'

/** The options that the explanations name. */
export type Where = Pick<ResolvedOptions, 'schema'>

interface ServerError extends Error {
  readonly code?: string
}

/** Explains an error of the database or its pool to the operator, and says what to do. The original error is its cause. */
export function explainError(error: unknown, { schema }: Where): unknown {
  if (isSocketEvent(error))
    return new Error(`postgresInbox: the database can't be reached by WebSocket: ${reasonOf(error)}`, {
      cause: error,
    })
  if (!(error instanceof Error)) return error
  const sentence = sentenceFor(error as ServerError, schema)
  return sentence === undefined ? error : new Error(`postgresInbox: ${sentence}`, { cause: error })
}

function sentenceFor({ code, message }: ServerError, schema: string): string | undefined {
  switch (code) {
    case '42501':
      return `the database role lacks rights that it needs (${message}): ${grantsOnTables(schema)}`
    case '25006':
      return 'the database is read-only, as a standby is: connect the pool to the primary (target_session_attrs=read-write), and make sure that default_transaction_read_only is off'
    case '42P01':
    case '42703':
    case '42804':
    case '3F000':
      return `the tables in schema ${schema} are not those that this version of @hookport/postgres created (${message}): were they dropped or changed by hand? If none is left, the next statement makes them again, empty`
    case '28P01':
    case '28000':
      return `the database does not let the pool's user in (${message}): check user and password of the pool`
    case '3D000':
      return `${message}: check the name of the database in the pool's options`
    case '53100':
      return `the disk of the database is full (${message}): make room there; nothing else is to be done`
    case '53300':
      return `the database has no connection left (${message}): lower the pools' max, or raise max_connections`
    case '57014':
    case '55P03':
      return `the database did not run a statement in time (${message}): is a table locked by a migration, VACUUM FULL or an open transaction, or the statement_timeout of the role too short?`
    case undefined:
      if (message.includes('after calling end on the pool'))
        return 'the pool was ended before the inbox was closed: end it after webhooks.stop() or inbox.close()'
  }
  return undefined
}
