import type { Query, Work } from './database.ts'
import { explainedEnding, transactionEnded } from './database-errors.ts'
import type { Dialect } from './dialect.ts'
import { definition, statement, verbatim } from './statement.ts'

export const postgres: Dialect = {
  name: 'postgres',
  definitions: (table) => [
    definition(`create table if not exists ${table} (
  event text collate "C" not null,
  handler text collate "C" not null,
  origin text not null default 'delivery',
  own boolean not null default true,
  at timestamptz not null default now(),
  primary key (event, handler)
)`),
    definition(`create index if not exists ${table.split('.').at(-1)}_at on ${table} (at)`),
  ],
  alone: statement`select pg_advisory_xact_lock(${verbatim('7310587446254134644')}) is null as waited`, // any number that no one else uses
  findTable: (table) => statement`select 1 as found where to_regclass(${table}) is not null`,
  prune: (table, olderThanMs, most) => {
    const [name, interval, limit] = [table, `interval '${olderThanMs} milliseconds'`, `${most}`].map(verbatim)
    return statement`delete from ${name} where ctid = any(array(select ctid from ${name}
      where at < now() - ${interval} order by at limit ${limit} for update skip locked)) returning 1 as pruned`
  },
}

/** The longest timeout that Postgres accepts. */
export const longestTimeoutMs = 2 ** 31 - 1

/** The settings of a transaction, by which the server ends a transaction of a frozen or lost process. */
export function timeouts(ms: number): readonly (readonly [name: string, value: string])[] {
  const value = String(Math.min(Math.max(1, Math.ceil(ms)), longestTimeoutMs))
  return [
    ['idle_in_transaction_session_timeout', value],
    ['statement_timeout', value],
  ]
}

/** A setting that is forgotten where the transaction ends, whoever ends it. */
const mark = 'hookport.once'

/**
 * Runs work in a transaction that an ORM begins and commits. The server limits it. At the end a query checks that it is still the same transaction and
 * that it stands: after a failed statement, COMMIT rolls it back and only says so in a result that ORMs do not read.
 */
export function boundedWork<Tx>(work: Work<Tx>, timeoutMs: number): (tx: Tx, query: Query) => Promise<void> {
  const settings = [...timeouts(timeoutMs), [mark, 'open']]
  const calls = settings.map(([name, value]) => `set_config('${name}', '${value}', true)`)
  return async (tx, query) => {
    await query(verbatim(`select ${calls.join(', ')}`))
    await work(tx, query)
    if ((await lastQuery(query)) === 0) throw transactionEnded()
  }
}

const isSame = verbatim(`select 1 as same where current_setting('${mark}', true) = 'open'`)

async function lastQuery(query: Query): Promise<number> {
  try {
    return await query(isSame)
  } catch (error) {
    throw explainedEnding(error)
  }
}
