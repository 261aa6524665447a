import type { Attempt, EventRecord, EventState, Failure, KeptEvent, Progress, Verdict } from '@hookport/core'

export interface Row {
  /** The order of taking on. */
  readonly sequence: number
  readonly event: EventRecord
  state: EventState
  attempt: number
  interruptions: number
  progress: Progress
  failures: readonly Failure[]
  dueAt: number | null
  /** The lease of the turn that the event is under; another one for every turn. */
  lease: AbortController
}

export interface Claim {
  token: string
  attempt: number
  progress: Progress
  leaseUntil: number
}

export interface Turn {
  readonly row: Row
  readonly lease: AbortController
  readonly attempt: Attempt
}

/** What a database would hold. It outlives the inboxes over it, and runs on the real clock. */
export class SharedStore {
  readonly rows = new Map<string, Row>()
  readonly remembered = new Map<string, { fingerprint: number; until: number }>()
  readonly claims = new Map<string, Claim>()

  #lastSequence = 0

  add(event: EventRecord, standing: Partial<Row>): void {
    this.rows.set(event.key, {
      sequence: ++this.#lastSequence,
      event,
      state: 'pending',
      attempt: 1,
      interruptions: 0,
      progress: { completed: [], abandoned: [] },
      failures: [],
      dueAt: null,
      lease: new AbortController(),
      ...standing,
    })
  }

  /** Makes what is due by now pending, and finds it. */
  due(provider: string): Row[] {
    for (const row of this.rows.values()) {
      if (row.dueAt === null || row.dueAt > Date.now()) continue
      row.state = 'pending'
      row.dueAt = null
    }
    return [...this.rows.values()].filter((row) => row.state === 'pending' && row.event.provider === provider)
  }

  begin(row: Row): Turn {
    const lease = new AbortController()
    row.state = 'active'
    row.lease = lease
    const { event, attempt, interruptions, progress } = row
    const checkpoint = (kept: Progress) => {
      if (row.lease === lease) row.progress = kept
    }
    return {
      row,
      lease,
      attempt: { event, attempt, interruptions, progress, checkpoint, signal: lease.signal },
    }
  }

  end({ row, lease }: Turn, verdict: Verdict): void {
    if (row.lease !== lease) return
    if (verdict.outcome === 'done') {
      this.rows.delete(row.event.key)
      return
    }
    row.progress = verdict.progress
    row.failures = verdict.failures
    row.state = verdict.outcome === 'dead' ? 'dead' : 'scheduled'
    if (verdict.outcome === 'dead') return
    row.dueAt = Date.now() + verdict.delayMs
    if (verdict.countsAsAttempt) row.attempt += 1
  }

  loseLeases(): void {
    for (const row of this.rows.values()) {
      if (row.state !== 'active') continue
      row.lease.abort()
      row.lease = new AbortController()
      row.state = 'pending'
      row.interruptions += 1
    }
  }

  describe(key: string): KeptEvent | undefined {
    const row = this.rows.get(key)
    if (!row) return undefined
    const { event, state, attempt, progress, failures, dueAt } = row
    return { ...event, state, attempt, progress, failures, dueAt }
  }
}
