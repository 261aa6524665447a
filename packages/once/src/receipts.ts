import { type Awaitable, andThen } from './awaitable.ts'
import type { Query } from './database.ts'
import type { Effect } from './effect.ts'
import { joined, type Statement, statement, verbatim } from './statement.ts'

/**
 * A receipt is a row for each name of an event, its key and its aliases. The row says whether the event of that key was handled (`own`),
 * and how the one came that wrote it. Aliases tell a delivery from what was reconciled of it, while two events of one origin are told apart by
 * their keys alone: so a row of the same origin that is not the event's own says nothing of it, and is made its own.
 */
export function findReceipt(table: string, { key, aliases, origin, handler, replay }: Effect): Statement {
  const names = [key, ...aliases].map((name) => statement`${name}`)
  return statement`select 1 as found from ${verbatim(table)} where event in (${joined(names)}) and handler = ${handler}
    and replay = ${replay} and (origin <> ${origin} or (event = ${key} and own)) limit 1`
}

/**
 * Writes the receipt of an effect, and answers whether there was none. Where another transaction is about to write it, this waits for its
 * end. Names go in order: of two events that share some, one waits for the other.
 */
export function writeReceipt(query: Query, table: string, effect: Effect): Awaitable<boolean> {
  const { key, aliases, origin, handler, replay } = effect
  const names = [...new Set([key, ...aliases])].sort()
  const rows = names.map(
    (name) =>
      statement`(${name}, ${handler}, ${replay}, ${origin}, ${verbatim(name === key ? 'true' : 'false')})`,
  )
  const name = verbatim(table)
  const own = verbatim(table.split('.').at(-1) ?? table)
  const write = statement`insert into ${name} (event, handler, replay, origin, own) values ${joined(rows)}
    on conflict (event, handler, replay) do update set own = ${own}.own or excluded.own
    where ${own}.origin = excluded.origin and not (${own}.own and excluded.own) returning 1 as written`
  return andThen(query(write), (written) => written.length === names.length)
}
