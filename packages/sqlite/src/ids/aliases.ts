import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { EventRecord } from '@hookport/core'
import { isKept } from './is-kept.ts'

/**
 * Other names of events that were taken on. They match a delivery with its reconciled event. Two events of the same origin are never matched by a
 * name. The key of a reconciled event is one of its names, so that it can be told from the key of a delivery.
 */
export class Aliases {
  readonly #isAny: StatementSync
  readonly #find: StatementSync
  readonly #findListed: StatementSync
  readonly #findDelivery: StatementSync
  readonly #findReconciled: StatementSync
  readonly #findAny: StatementSync
  readonly #add: StatementSync
  readonly #clear: StatementSync
  readonly #forget: StatementSync
  /** Whether the file has any. Undefined until it was looked up in this transaction. */
  #hasAny: boolean | undefined

  constructor(database: DatabaseSync) {
    const isRemembered = `(ids.forgotten_at > :now OR ${isKept})`
    this.#isAny = database.prepare('SELECT 1 FROM aliases LIMIT 1')
    this.#find = database.prepare(`
      SELECT 1 FROM aliases JOIN ids USING (key) WHERE name = :name AND reconciled = 0 AND ${isRemembered} LIMIT 1`)
    this.#findListed = database.prepare(`
      SELECT 1 FROM aliases INDEXED BY aliases_of_reconciled JOIN ids USING (key)
      WHERE name = :name AND reconciled = 1 AND ${isRemembered} LIMIT 1`)
    this.#findDelivery = database.prepare(`
      SELECT 1 FROM ids WHERE key = :name AND ${isRemembered}
        AND NOT EXISTS (SELECT 1 FROM aliases WHERE name = :name AND key = :name AND reconciled)`)
    this.#findAny = database.prepare(`
      SELECT 1 FROM ids WHERE (key = :name OR key IN (SELECT key FROM aliases WHERE name = :name)) AND ${isRemembered} LIMIT 1`)
    this.#findReconciled = database.prepare('SELECT 1 FROM aliases WHERE name = ? AND key = ? AND reconciled')
    this.#add = database.prepare('INSERT OR IGNORE INTO aliases (name, key, reconciled) VALUES (?, ?, ?)')
    this.#clear = database.prepare('DELETE FROM aliases WHERE key = ?')
    this.#forget = database.prepare(`
      DELETE FROM aliases WHERE key = :key
        AND NOT EXISTS (SELECT 1 FROM ids WHERE key = :key) AND NOT EXISTS (SELECT 1 FROM claims WHERE key = :key)`)
  }

  begin(): void {
    this.#hasAny = undefined
  }

  /** Whether the event that was taken on under a key was reconciled. */
  isReconciled(key: string): boolean {
    return this.#findReconciled.get(key, key) !== undefined
  }

  /** Whether an event of the other origin has one of the event's names, and is remembered at `now` or kept. */
  isKnown({ key, aliases = [], origin }: EventRecord, now: number): boolean {
    if (origin === 'delivery') {
      return (
        this.#mayHaveAny() &&
        [key, ...aliases].some((name) => this.#findListed.get({ name, now }) !== undefined)
      )
    }
    return [key, ...aliases].some(
      (name) =>
        this.#find.get({ name, now }) !== undefined || this.#findDelivery.get({ name, now }) !== undefined,
    )
  }

  /** Whether an event was taken on under a key or an alias, of whatever origin, and is remembered at `now` or kept. */
  knows(name: string, now: number): boolean {
    return this.#findAny.get({ name, now }) !== undefined
  }

  /** Replaces the names that an earlier event of this key had. */
  remember({ key, aliases = [], origin }: EventRecord): void {
    if (this.#mayHaveAny()) this.#clear.run(key)
    if (origin === 'delivery') for (const name of aliases) this.#remember(name, key, 0)
    else for (const name of new Set([key, ...aliases])) this.#remember(name, key, 1)
  }

  /** Forgets the aliases of a key that is no longer remembered or claimed. */
  forget(key: string): void {
    if (this.#mayHaveAny()) this.#forget.run({ key })
  }

  #remember(name: string, key: string, reconciled: number): void {
    this.#add.run(name, key, reconciled)
    this.#hasAny = true
  }

  #mayHaveAny(): boolean {
    this.#hasAny ??= this.#isAny.get() !== undefined
    return this.#hasAny
  }
}
