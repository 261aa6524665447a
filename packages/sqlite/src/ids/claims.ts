import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { EventRecord, Progress } from '@hookport/core'
import type { Moment } from '../file/file-time.ts'
import { decodeProgress } from '../layout/event-row.ts'
import type { Aliases } from './aliases.ts'

/** A lease on an event that is handled before it is acknowledged, and what is known of earlier leases. */
export interface Claim {
  readonly token: string
  readonly attempt: number
  readonly progress: Progress
  /** In elapsed time; 0 once released. */
  readonly leaseUntil: number
  readonly leaseMs: number
  /** In steady time. */
  readonly forgottenAt: number
}

type LeaseTime = Pick<Claim, 'leaseUntil' | 'leaseMs'>
type ClaimRow = Omit<Claim, 'progress'> & { readonly progress: string }

export class Claims {
  readonly #aliases: Aliases
  readonly #isAny: StatementSync
  readonly #find: StatementSync
  readonly #findNamed: StatementSync
  readonly #save: StatementSync
  readonly #delete: StatementSync
  readonly #prune: StatementSync
  /** Whether the file has any. Undefined until it was looked up in this transaction. */
  #hasAny: boolean | undefined

  constructor(database: DatabaseSync, aliases: Aliases) {
    this.#aliases = aliases
    this.#isAny = database.prepare('SELECT 1 FROM claims LIMIT 1')
    this.#find = database.prepare(`
      SELECT token, attempt, progress, lease_until AS leaseUntil, lease_ms AS leaseMs, forgotten_at AS forgottenAt
      FROM claims WHERE key = ? AND forgotten_at > ?`)
    this.#findNamed = database.prepare(`
      SELECT lease_until AS leaseUntil, lease_ms AS leaseMs FROM claims
      WHERE forgotten_at > :steady AND (key = :name OR key IN (SELECT key FROM aliases WHERE name = :name AND NOT reconciled))`)
    this.#save = database.prepare(`
      INSERT OR REPLACE INTO claims (key, token, attempt, progress, lease_until, lease_ms, forgotten_at)
      VALUES (?, ?, ?, ?, ?, ?, ?)`)
    this.#delete = database.prepare('DELETE FROM claims WHERE key = ?')
    this.#prune = database.prepare(`
      DELETE FROM claims WHERE key IN (SELECT key FROM claims WHERE forgotten_at <= ? ORDER BY forgotten_at LIMIT ?)
      RETURNING key`)
  }

  /** Call it at the beginning of each transaction. */
  begin(): void {
    this.#hasAny = undefined
  }

  find(key: string, { steady }: Moment): Claim | undefined {
    if (!this.#mayHaveAny()) return undefined
    const row = this.#find.get(key, steady) as unknown as ClaimRow | undefined
    return row && { ...row, progress: decodeProgress(row.progress) }
  }

  /** How long a lease still runs on a delivery that has one of the event's names; 0 where none does. */
  leaseLeftMs({ key, aliases = [] }: EventRecord, now: Moment): number {
    const claims = [key, ...aliases].flatMap(
      (name) => this.#findNamed.all({ name, steady: now.steady }) as unknown as LeaseTime[],
    )
    return Math.max(0, ...claims.map((claim) => leaseLeftMs(claim, now)))
  }

  save(key: string, { token, attempt, progress, leaseUntil, leaseMs, forgottenAt }: Claim): void {
    this.#save.run(key, token, attempt, JSON.stringify(progress), leaseUntil, leaseMs, forgottenAt)
    this.#hasAny = true
  }

  delete(key: string): void {
    this.#delete.run(key)
  }

  /** Forgets a claim, whoever holds it. Answers its progress. */
  revoke(key: string, now: Moment): Progress | undefined {
    const claim = this.find(key, now)
    if (claim) this.delete(key)
    return claim?.progress
  }

  /** Deletes up to `limit` claims that have expired. Answers how many. */
  prune(now: number, limit: number): number {
    const pruned = this.#prune.all(now, limit)
    for (const { key } of pruned) this.#aliases.forget(String(key))
    return pruned.length
  }

  #mayHaveAny(): boolean {
    this.#hasAny ??= this.#isAny.get() !== undefined
    return this.#hasAny
  }
}

/** How long the lease of a claim still runs. 0 or less where it is over: it ran out, was released, or is from another boot. */
export function leaseLeftMs({ leaseUntil, leaseMs }: LeaseTime, { elapsed }: Moment): number {
  const leftMs = leaseUntil - elapsed
  return leftMs > leaseMs ? 0 : leftMs
}
