import type { ClientBase, Pool, PoolClient } from 'pg'
import type { Limits, Work } from './database.ts'
import { OnceError } from './once-error.ts'
import { timeouts } from './postgres.ts'
import { type Statement, textOf } from './statement.ts'

export async function rowsOf(
  client: Pick<ClientBase, 'query'>,
  statement: Statement,
): Promise<readonly unknown[]> {
  return (await client.query(textOf(statement, '$'), [...statement.values])).rows
}

/**
 * A transaction on a client of the pool: as many round trips as one by hand takes. A client that failed, or whose work was aborted, is
 * closed, and the server rolls back what it had begun.
 */
export async function pgTransaction(
  pool: Pool,
  work: Work<PoolClient>,
  { timeoutMs, signal }: Limits,
): Promise<void> {
  const client = await pool.connect()
  const close = onceOnly((reason: Error) => client.release(reason))
  const onAbort = () => close(signal.reason)
  client.on('error', close) // what the server says when nobody has asked: that it has ended the session
  signal.addEventListener('abort', onAbort)
  try {
    signal.throwIfAborted()
    await client.query(beginning(timeoutMs))
    await work(client, (statement) => rowsOf(client, statement))
    signal.throwIfAborted()
    const { command } = await client.query('commit')
    if (command !== 'COMMIT') throw rolledBack()
  } catch (error) {
    await client.query('rollback').catch(close)
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
    if (!close.wasCalled()) {
      client.off('error', close)
      client.release()
    }
  }
}

function beginning(timeoutMs: number): string {
  const settings = timeouts(timeoutMs).map(([name, value]) => `; set local ${name} = ${value}`)
  return `begin${settings.join('')}`
}

function rolledBack(): OnceError {
  return new OnceError(
    'rolled_back',
    'a statement of apply had failed, and the error was caught: Postgres rolls all of the transaction back then. Use a savepoint around what may fail',
  )
}

function onceOnly<Argument>(run: (argument: Argument) => void) {
  let called = false
  const runOnce = (argument: Argument) => {
    if (called) return
    called = true
    run(argument)
  }
  return Object.assign(runOnce, { wasCalled: () => called })
}
