import {
  type EventRecord,
  memoryInbox,
  type Notes,
  noProgress,
  type Progress,
  type PutResult,
  type Verdict,
} from '@hookport/core'
import type { Row } from '@hookport/testkit/inbox/event-row'
import { EventTable } from '@hookport/testkit/inbox/event-table'
import { systemClock } from './system-clock.ts'

export interface Claim {
  readonly event: EventRecord
  token: string
  attempt: number
  progress: Progress
  leaseUntil: number
}

/** What a database would hold. It outlives the inboxes over it, and runs on the real clock. */
export class SharedStore extends EventTable {
  readonly id = crypto.randomUUID()
  readonly remembered = new Map<string, { readonly event: EventRecord; readonly until: number }>()
  readonly claims = new Map<string, Claim>()
  readonly notes = memoryInbox().notes as Notes

  constructor() {
    super(systemClock)
  }

  /** What was taken on, and is this event. */
  findKnown(event: EventRecord): Extract<PutResult, { outcome: 'duplicate' }> | undefined {
    const takenOn = [...this.#unexpired(), ...[...this.rows.values()].map((row) => row.event)]
    if (takenOn.some((other) => areCounterparts(event, other)))
      return { outcome: 'duplicate', conflict: false }
    const known = takenOn.find(({ key }) => key === event.key)
    return known && { outcome: 'duplicate', conflict: known.fingerprint !== event.fingerprint }
  }

  knows(names: readonly string[]): boolean {
    const takenOn = [...this.#unexpired(), ...[...this.rows.values()].map((row) => row.event)]
    return takenOn.some(({ key, aliases = [] }) => [key, ...aliases].some((name) => names.includes(name)))
  }

  /** For how long a lease runs on a delivery that is this event. */
  claimedForMs(event: EventRecord): number {
    const claims = [...this.claims.values()].filter((claim) => areCounterparts(event, claim.event))
    return Math.max(0, ...claims.map(({ leaseUntil }) => leaseUntil - Date.now()))
  }

  /** Answers what had been done under the claim. */
  endClaim({ key }: EventRecord): Progress {
    const { progress = noProgress } = this.claims.get(key) ?? {}
    this.claims.delete(key)
    return progress
  }

  #unexpired(): EventRecord[] {
    return [...this.remembered.values()].filter(({ until }) => Date.now() < until).map(({ event }) => event)
  }

  remember(event: EventRecord, rememberMs: number): void {
    this.remembered.set(event.key, { event, until: Date.now() + rememberMs })
  }

  override replace(row: Row, verdict: Extract<Verdict, { outcome: 'replace' }>): void {
    this.rows.delete(row.event.key)
    if (this.findKnown(verdict.event)) return
    this.remember(verdict.event, verdict.rememberMs)
    this.add(verdict.event, { progress: this.endClaim(verdict.event) })
  }
}

/** Whether a delivery and what was reconciled are one. */
function areCounterparts(one: EventRecord, other: EventRecord): boolean {
  const names = new Set([one.key, ...(one.aliases ?? [])])
  return one.origin !== other.origin && [other.key, ...(other.aliases ?? [])].some((name) => names.has(name))
}
