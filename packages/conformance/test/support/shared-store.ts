import type { EventRecord, Progress, PutResult, Verdict } from '@hookport/core'
import { EventTable, type Row } from '@hookport/testkit/event-table'
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

  constructor() {
    super(systemClock)
  }

  /** What was taken on, and is this event. */
  findKnown(event: EventRecord): Extract<PutResult, { outcome: 'duplicate' }> | undefined {
    const remembered = this.remembered.get(event.key)
    const unexpired = remembered && Date.now() < remembered.until ? remembered.event : undefined
    const known = this.rows.get(event.key)?.event ?? unexpired
    return known && { outcome: 'duplicate', conflict: known.fingerprint !== event.fingerprint }
  }

  remember(event: EventRecord, rememberMs: number): void {
    this.remembered.set(event.key, { event, until: Date.now() + rememberMs })
  }

  override replace(row: Row, verdict: Extract<Verdict, { outcome: 'replace' }>): void {
    this.rows.delete(row.event.key)
    if (this.findKnown(verdict.event)) return
    this.remember(verdict.event, verdict.rememberMs)
    this.add(verdict.event)
  }
}
