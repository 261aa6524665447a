import { type Awaitable, andThen } from '../awaitable.ts'
import { invalid } from '../options.ts'
import type { Database, Query } from '../sql/database.ts'
import { joined, type Statement, statement, verbatim, withValues } from '../sql/statement.ts'
import type { Effect } from './effect.ts'

/**
 * A receipt has a row for each name of an event: its key and its aliases. The row says whether the event of that key was handled (`own`), and the
 * origin of the event that wrote the row. Aliases match a delivery with its reconciled event. Two events of the same origin are only compared by
 * their keys. So a row of the same origin that is not the event's own says nothing about it, and is turned into its own.
 */
export function findReceipt(table: string, { key, aliases, origin, handler }: Effect): Statement {
  const names = [key, ...aliases].map((name) => statement`${name}`)
  return statement`select 1 as found from ${verbatim(table)} where event in (${joined(names)}) and handler = ${handler}
    and (origin <> ${origin} or (event = ${key} and own)) limit 1`
}

interface EventOfReceipts extends Pick<Effect, 'key' | 'origin'> {
  readonly aliases?: readonly string[] | undefined
}

/**
 * Answers which of these handlers have a receipt of an event.
 *
 * @throws {OnceError} `invalid_option` for what is no event, such as its key alone.
 */
export function receiptFinder(query: Query, table: string) {
  return async (event: EventOfReceipts, handlers: readonly string[]): Promise<readonly string[]> => {
    const { key, aliases = [], origin } = event ?? {}
    if (typeof key !== 'string' || (origin !== 'delivery' && origin !== 'reconciled'))
      throw invalid('receipts needs an event, with its key and its origin, as a handler is given it')
    const found: string[] = []
    for (const handler of handlers)
      if ((await query(findReceipt(table, { key, aliases, origin, handler }))) > 0) found.push(handler)
    return found
  }
}

/** Writes receipts by `query`, and answers whether there was none. */
export type WriteReceipt = (query: Query, effect: Effect) => Awaitable<boolean>

/** If another transaction is about to write the same receipt, this waits for its end. */
export function receiptWriter(table: string, counts: Database<never>['counts']): WriteReceipt {
  const answering = verbatim(counts === 'answers' ? ' returning 1 as written' : '')
  const simple = statement`insert into ${verbatim(table)} (event, handler, origin)
    values (${'key'}, ${'handler'}, ${'origin'}) on conflict do nothing${answering}`
  const write = (query: Query, receipt: Statement, rows: number) =>
    andThen(query(receipt), (written) => written === rows)
  const underAllNames: WriteReceipt = (query, effect) => {
    const names = namesOf(effect)
    return write(query, statement`${receiptUnder(names, table, effect)}${answering}`, names.length)
  }
  return (query, effect) => {
    const { key, aliases, handler, origin } = effect
    if (aliases.length > 0) return underAllNames(query, effect)
    const isWritten = write(query, withValues(simple, key, handler, origin), 1)
    return andThen(isWritten, (isFirst) => isFirst || underAllNames(query, effect))
  }
}

/** Sorted: of two events that share names, one waits for the other. */
function namesOf({ key, aliases }: Effect): readonly string[] {
  return [...new Set([key, ...aliases])].sort()
}

/** A row that another event has written becomes this event's too, and is kept for as long as its other rows. */
function receiptUnder(names: readonly string[], table: string, { key, handler, origin }: Effect): Statement {
  const rows = names.map(
    (name) => statement`(${name}, ${handler}, ${origin}, ${verbatim(name === key ? 'true' : 'false')})`,
  )
  const there = verbatim(table.split('.').at(-1) ?? table)
  return statement`insert into ${verbatim(table)} (event, handler, origin, own) values ${joined(rows)}
    on conflict (event, handler) do update set own = ${there}.own or excluded.own, at = excluded.at
    where ${there}.origin = excluded.origin and not (${there}.own and excluded.own)`
}
