import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Progress } from '@hookport/core'

/** A lease on an event that is handled before it is acknowledged, and what is known of earlier ones. */
export interface Claim {
  readonly token: string
  readonly attempt: number
  readonly progress: Progress
  /** 0 once released. */
  readonly leaseUntil: number
  readonly until: number
}

export class Claims {
  readonly #find: StatementSync
  readonly #save: StatementSync
  readonly #delete: StatementSync
  readonly #prune: StatementSync

  constructor(database: DatabaseSync) {
    this.#find = database.prepare(`
      SELECT token, attempt, progress, lease_until AS leaseUntil, until FROM claims WHERE key = ? AND until > ?`)
    this.#save = database.prepare(`
      INSERT OR REPLACE INTO claims (key, token, attempt, progress, lease_until, until) VALUES (?, ?, ?, ?, ?, ?)`)
    this.#delete = database.prepare('DELETE FROM claims WHERE key = ?')
    this.#prune = database.prepare(`
      DELETE FROM claims WHERE key IN (SELECT key FROM claims WHERE until <= ? ORDER BY until LIMIT ?)`)
  }

  find(key: string, now: number): Claim | undefined {
    const row = this.#find.get(key, now) as unknown as (Claim & { progress: string }) | undefined
    return row && { ...row, progress: JSON.parse(row.progress) }
  }

  save(key: string, { token, attempt, progress, leaseUntil, until }: Claim): void {
    this.#save.run(key, token, attempt, JSON.stringify(progress), leaseUntil, until)
  }

  delete(key: string): void {
    this.#delete.run(key)
  }

  /** Deletes up to `limit` claims that have expired. Answers how many. */
  prune(now: number, limit: number): number {
    return Number(this.#prune.run(now, limit).changes)
  }
}
