import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** The keys that were taken on, each until its time. */
export class RememberedIds {
  readonly #find: StatementSync
  readonly #remember: StatementSync
  readonly #prune: StatementSync

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT fingerprint FROM ids WHERE key = ? AND until > ?')
    this.#remember = database.prepare(`
      INSERT INTO ids (key, fingerprint, until) VALUES (?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET fingerprint = excluded.fingerprint, until = excluded.until`)
    this.#prune = database.prepare(`
      DELETE FROM ids WHERE key IN (SELECT key FROM ids WHERE until <= ? ORDER BY until LIMIT ?)`)
  }

  /** The fingerprint of a key that is remembered at `now`. */
  find(key: string, now: number): number | undefined {
    return this.#find.get(key, now)?.fingerprint as number | undefined
  }

  remember(key: string, fingerprint: number, until: number): void {
    this.#remember.run(key, fingerprint, until)
  }

  /** Deletes up to `limit` forgotten keys. Answers how many. */
  prune(now: number, limit: number): number {
    return Number(this.#prune.run(now, limit).changes)
  }
}
