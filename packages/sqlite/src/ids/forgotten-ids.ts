import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Moment } from '../file/file-time.ts'
import type { Aliases } from './aliases.ts'
import { isKept } from './is-kept.ts'

/** The last character in Unicode. */
const behindAllKeys = '\u{10ffff}'
/** How many ids are read at once: a third of a millisecond. */
const stretch = 2_000
/** After a walk, the pause is this many times as long as the walk took, so that walks over millions of ids take no more than their share. */
const restPerWalk = 30

/**
 * Finds the ids that are forgotten, by walks over all ids in the order of their keys. An index by time would double the room of each id, and need a
 * write for each event that is deleted. Walks also delete neighbours on the same page. A forgotten id that is not deleted yet counts as unknown.
 */
export class ForgottenIds {
  readonly #aliases: Aliases
  readonly #end: StatementSync
  readonly #forget: StatementSync
  /** How far the walk has come: a key, or a text before all keys at the beginning. */
  #after = ''
  #beganAt = 0
  /** In elapsed time. */
  #restsUntil = 0

  constructor(database: DatabaseSync, aliases: Aliases) {
    this.#aliases = aliases
    this.#end = database.prepare('SELECT key FROM ids WHERE key > ? ORDER BY key LIMIT 1 OFFSET ?')
    this.#forget = database.prepare(`
      DELETE FROM ids WHERE key IN (
        SELECT key FROM ids WHERE key > :after AND key <= :end AND forgotten_at <= :now AND NOT ${isKept} LIMIT :limit)
      RETURNING key`)
  }

  /** Continues the walk by some ids, and deletes up to `limit` forgotten ones. False where the walk has ended or pauses. */
  prune({ steady, elapsed }: Moment, limit: number): boolean {
    if (elapsed < this.#restsUntil) return false
    if (this.#after === '') this.#beganAt = performance.now()
    const end = this.#end.get(this.#after, stretch - 1)?.key as string | undefined
    const forgotten = this.#forget.all({ after: this.#after, end: end ?? behindAllKeys, now: steady, limit })
    for (const { key } of forgotten) this.#aliases.forget(String(key))
    if (forgotten.length > 0) return true // there may be more in this stretch; and if this is not committed, it is done again
    this.#after = end ?? ''
    if (end === undefined) this.#restsUntil = elapsed + restPerWalk * (performance.now() - this.#beganAt)
    return end !== undefined
  }
}
