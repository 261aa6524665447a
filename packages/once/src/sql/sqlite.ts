import { type Awaitable, andThen, isPromise } from '../awaitable.ts'
import { OnceError } from '../once-error.ts'
import type { Query, Work } from './database.ts'
import { explainedEnding } from './database-errors.ts'
import type { Dialect } from './dialect.ts'
import { definition, statement, verbatim } from './statement.ts'

export const sqlite: Dialect = {
  name: 'sqlite',
  definitions: (table) => [
    definition(`create table if not exists ${table} (
  event text not null,
  handler text not null,
  origin text not null default 'delivery',
  own integer not null default true,
  at integer not null default (unixepoch()),
  primary key (event, handler)
)`),
    definition(`create index if not exists ${table}_at on ${table} (at)`),
  ],
  findTable: (table) =>
    statement`select 1 as found from sqlite_master where type = 'table' and name = ${table}`,
  prune: (table, olderThanMs, most) => {
    const [name, seconds, limit] = [table, `${Math.floor(olderThanMs / 1000)}`, `${most}`].map(verbatim)
    return statement`delete from ${name} where rowid in (select rowid from ${name}
      where at < unixepoch() - ${seconds} order by at limit ${limit}) returning 1 as pruned`
  },
}

/** The application has begun a transaction, and its end would decide on what is written within: an effect that was told as done would be rolled back with it. */
export function otherIsOpen(): OnceError {
  return new OnceError(
    'invalid_option',
    'another transaction is open on this connection: give onceIn a connection of its own',
  )
}

const [open, release] = [definition('savepoint hookport_once'), definition('release savepoint hookport_once')]

/** Runs work in a transaction that others begin and commit. A savepoint tells whether it is still the same at the end: whoever ends the one also ends the other. */
export function guardedWork<Tx>(work: Work<Tx>): Work<Tx> {
  return (tx, query) => andThen(query(open), () => andThen(work(tx, query), () => lastQuery(query)))
}

function lastQuery(query: Query): Awaitable<void> {
  const explain = (error: unknown): never => {
    throw explainedEnding(error)
  }
  try {
    const answer = query(release)
    return isPromise(answer) ? answer.then(() => {}, explain) : undefined
  } catch (error) {
    return explain(error)
  }
}
