import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Progress } from '@hookport/core'
import { decodeProgress } from './event-row.ts'
import type { Moment } from './file-time.ts'

/** A lease on an event that is handled before it is acknowledged, and what is known of earlier ones. */
export interface Claim {
  readonly token: string
  readonly attempt: number
  readonly progress: Progress
  /** In elapsed time, 0 once released. */
  readonly leaseUntil: number
  readonly leaseMs: number
  /** In steady time. */
  readonly forgottenAt: number
}

type ClaimRow = Omit<Claim, 'progress'> & { readonly progress: string }

export class Claims {
  readonly #isAny: StatementSync
  readonly #find: StatementSync
  readonly #save: StatementSync
  readonly #delete: StatementSync
  readonly #prune: StatementSync
  /** Whether the file has any. Undefined until it was looked up in this transaction. */
  #hasAny: boolean | undefined

  constructor(database: DatabaseSync) {
    this.#isAny = database.prepare('SELECT 1 FROM claims LIMIT 1')
    this.#find = database.prepare(`
      SELECT token, attempt, progress, lease_until AS leaseUntil, lease_ms AS leaseMs, forgotten_at AS forgottenAt
      FROM claims WHERE key = ? AND forgotten_at > ?`)
    this.#save = database.prepare(`
      INSERT OR REPLACE INTO claims (key, token, attempt, progress, lease_until, lease_ms, forgotten_at)
      VALUES (?, ?, ?, ?, ?, ?, ?)`)
    this.#delete = database.prepare('DELETE FROM claims WHERE key = ?')
    this.#prune = database.prepare(`
      DELETE FROM claims WHERE key IN (SELECT key FROM claims WHERE forgotten_at <= ? ORDER BY forgotten_at LIMIT ?)`)
  }

  /** To be called at the beginning of each transaction. */
  begin(): void {
    this.#hasAny = undefined
  }

  find(key: string, { steady }: Moment): Claim | undefined {
    this.#hasAny ??= this.#isAny.get() !== undefined
    if (!this.#hasAny) return undefined
    const row = this.#find.get(key, steady) as unknown as ClaimRow | undefined
    return row && { ...row, progress: decodeProgress(row.progress) }
  }

  save(key: string, { token, attempt, progress, leaseUntil, leaseMs, forgottenAt }: Claim): void {
    this.#save.run(key, token, attempt, JSON.stringify(progress), leaseUntil, leaseMs, forgottenAt)
    this.#hasAny = true
  }

  delete(key: string): void {
    this.#delete.run(key)
  }

  /** Deletes up to `limit` claims that have expired. Answers how many. */
  prune(now: number, limit: number): number {
    return Number(this.#prune.run(now, limit).changes)
  }
}

/** How long the lease of a claim goes on. 0 or less where it is over: it ran out, was released, or is of another boot. */
export function leaseLeftMs({ leaseUntil, leaseMs }: Claim, { elapsed }: Moment): number {
  const leftMs = leaseUntil - elapsed
  return leftMs > leaseMs ? 0 : leftMs
}
