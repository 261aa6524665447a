import { ExpiringMap } from '../../collections/short-lived.ts'
import type { EventRecord } from '../../contracts/inbox/event-record.ts'
import type { ClaimOptions, ClaimResult, Lease } from '../../contracts/inbox/inbox.ts'
import { noProgress, type Progress } from '../../contracts/inbox/progress.ts'

interface Claim {
  /** When it is forgotten. */
  readonly until: number
  readonly token: string
  readonly attempt: number
  readonly progress: Progress
  /** 0 once released. */
  readonly leaseUntil: number
  readonly aliases: readonly string[]
}

/** Leases on events that are handled before they are acknowledged, and what is known of earlier leases. Times are elapsed times. */
export class Claims {
  readonly #claims = new ExpiringMap<Claim>()
  /** Keys of claims by the aliases of their events. */
  readonly #byAlias = new ExpiringMap<{ readonly until: number; readonly keys: readonly string[] }>()
  #lastToken = 0

  get size(): number {
    return this.#claims.size
  }

  prune(now: number): void {
    this.#claims.prune(now)
    this.#byAlias.prune(now)
  }

  has(key: string, now: number): boolean {
    return this.#claims.get(key, now) !== undefined
  }

  claim({ key, aliases = [] }: EventRecord, { rememberMs, leaseMs }: ClaimOptions, now: number): ClaimResult {
    const before = this.#claims.get(key, now)
    if (before && now < before.leaseUntil)
      return { outcome: 'in_progress', retryAfterMs: before.leaseUntil - now }
    const { attempt, progress } = before ?? { attempt: 1, progress: noProgress }
    const token = String(++this.#lastToken)
    const until = now + Math.max(rememberMs, leaseMs)
    this.#claims.set(key, { until, token, attempt, progress, leaseUntil: now + leaseMs, aliases })
    this.#keepAliases(key, aliases, until, now)
    return { outcome: 'claimed', lease: { key, token, attempt, progress } }
  }

  /** How long a lease still runs on an event that has one of these names; 0 where none does. */
  remainingMs(names: readonly string[], now: number): number {
    const keys = names.flatMap((name) => [name, ...this.#keysOf(name, now)])
    const leases = keys.map((key) => (this.#claims.get(key, now)?.leaseUntil ?? 0) - now)
    return Math.max(0, ...leases)
  }

  renew(lease: Lease, leaseMs: number, now: number): boolean {
    const claim = this.#held(lease, now)
    if (!claim) return false
    const leaseUntil = now + leaseMs
    const until = Math.max(claim.until, leaseUntil)
    this.#claims.set(lease.key, { ...claim, leaseUntil, until })
    if (until > claim.until) this.#keepAliases(lease.key, claim.aliases, until, now)
    return true
  }

  release(lease: Lease, progress: Progress, attemptUsed: boolean, now: number): boolean {
    const claim = this.#held(lease, now)
    if (!claim) return false
    const attempt = lease.attempt + (attemptUsed ? 1 : 0)
    this.#claims.set(lease.key, { ...claim, leaseUntil: 0, progress, attempt })
    return true
  }

  /** Ends a lease. False if it is lost. */
  end(lease: Lease, now: number): boolean {
    if (!this.#held(lease, now)) return false
    this.#claims.delete(lease.key)
    return true
  }

  /** Forgets a claim, whoever holds it. Answers its progress. */
  revoke(key: string, now: number): Progress | undefined {
    const progress = this.#claims.get(key, now)?.progress
    this.#claims.delete(key)
    return progress
  }

  /** Each is kept until the last claim of an event that has it is forgotten. */
  #keepAliases(key: string, aliases: readonly string[], until: number, now: number): void {
    for (const alias of aliases) {
      const before = this.#byAlias.get(alias, now)
      const others = before?.keys.filter((other) => other !== key && this.has(other, now)) ?? []
      this.#byAlias.set(alias, { until: Math.max(until, before?.until ?? 0), keys: [...others, key] })
    }
  }

  #keysOf(alias: string, now: number): readonly string[] {
    return this.#byAlias.get(alias, now)?.keys ?? []
  }

  #held(lease: Lease, now: number): Claim | undefined {
    const claim = this.#claims.get(lease.key, now)
    return claim?.token === lease.token && now < claim.leaseUntil ? claim : undefined
  }
}
