import type { ClientBase, Pool, PoolClient, QueryResult } from 'pg'
import { OnceError } from './once-error.ts'
import type { Limits, Work } from './sql/database.ts'
import { explainedEnding } from './sql/database-errors.ts'
import { type Lend, lent } from './sql/lent.ts'
import { timeouts } from './sql/postgres.ts'
import { type Statement, textOf } from './sql/statement.ts'

export async function countOf(client: Pick<ClientBase, 'query'>, statement: Statement): Promise<number> {
  const { rowCount } = await client.query(textOf(statement, '$'), [...statement.values])
  return rowCount ?? 0
}

/** Tells whether the transaction that was begun is still open: whoever ended it has also ended this. */
const savepoint = 'hookport_once'
const ending = `release savepoint ${savepoint}; commit`

/**
 * A transaction on a client of the pool. `BEGIN` is sent in one message with the first statement, which saves a round trip. If a client fails, or its
 * work is aborted, it is closed, and the server rolls back.
 */
export async function pgTransaction(
  pool: Pool,
  work: Work<PoolClient>,
  { timeoutMs, signal }: Limits,
): Promise<void> {
  const client = await pool.connect()
  if (signal.aborted) {
    client.release() // nothing is sent: on a connection that is dead, ROLLBACK would never be answered
    throw signal.reason
  }
  const close = onceOnly((reason: Error) => client.release(reason))
  const onAbort = () => close(signal.reason)
  client.on('error', close) // the server ended the session on its own
  signal.addEventListener('abort', onAbort)
  try {
    let isBegun = false
    await lent(work, asClient)(client, (statement) => {
      if (isBegun) return countOf(client, statement)
      isBegun = true
      return begin(client, timeoutMs, statement)
    })
    signal.throwIfAborted()
    await client.query(ending).catch(throwExplained)
  } catch (error) {
    await client.query('rollback').catch(close)
    if (isReadOnly(error)) close(error)
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
    if (!close.wasCalled()) {
      client.off('error', close)
      client.release()
    }
  }
}

/** The connection may lead to a server that is a standby since a failover, and a new one to the primary. */
function isReadOnly(error: unknown): error is OnceError {
  return error instanceof OnceError && error.code === 'read_only'
}

/** Whatever else is asked of it, it is that client. */
const asClient: Lend<PoolClient> = (client, refusal) => {
  const query = (...args: unknown[]) => {
    const refused = refusal()
    if (!refused) return Reflect.apply(client.query, client, args)
    const callback = args.find((one) => typeof one === 'function')
    if (!callback) return Promise.reject(refused)
    process.nextTick(callback, refused) // who passes one looks at no promise, and a rejection would end the process
  }
  const get = (target: PoolClient, name: string | symbol) => {
    if (name === 'query') return query
    return name === 'release' ? refuseToRelease : Reflect.get(target, name)
  }
  return new Proxy(client, { get })
}

/** As helpers do that take `tx` for a client of their own. Others would be given the connection in the midst of the transaction, and would commit half of it. */
function refuseToRelease(): never {
  throw new OnceError(
    'transaction_ended',
    'apply, or something that it calls with tx, has called release: leave the connection to once, which gives it back at the end',
  )
}

/** A message of several statements can't have placeholders, so the client writes the values into the text. */
async function begin(client: PoolClient, timeoutMs: number, { parts, values }: Statement): Promise<number> {
  const first = parts.reduce(
    (text, part, index) => `${text}${client.escapeLiteral(String(values[index - 1]))}${part}`,
  )
  const results: unknown = await client.query(`${beginning(timeoutMs)}; ${first}`)
  return (results as QueryResult[]).at(-1)?.rowCount ?? 0
}

const beginnings = new Map<number, string>()

/** Receivers have one timeout each, so few texts are created. */
function beginning(timeoutMs: number): string {
  const known = beginnings.get(timeoutMs)
  if (known !== undefined) return known
  const settings = timeouts(timeoutMs).map(([name, value]) => `; set local ${name} = ${value}`)
  const text = `begin${settings.join('')}; savepoint ${savepoint}`
  beginnings.set(timeoutMs, text)
  return text
}

function throwExplained(error: unknown): never {
  throw explainedEnding(error)
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
