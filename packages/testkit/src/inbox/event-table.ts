import {
  type Clock,
  type EventRecord,
  type KeptEvent,
  type Legacy,
  noProgress,
  type ParkingReport,
  type Progress,
  type RedriveOptions,
  type ReplayOptions,
  redrivenProgress,
  replayedProgress,
  type Verdict,
} from '@hookport/core'
import {
  type EventStore,
  interruptionsUntilAlone,
  type TakenEvent,
  type TakeRequest,
  type Taking,
} from '@hookport/core/inbox-kit'
import type { Row } from './event-row.ts'
import { isInLine, isInTurn, NewestOfKeys } from './order-of-keys.ts'

/** Does what a database would do for `PollingConsumer`, in few lines. It outlives the consumers over it. */
export class EventTable implements EventStore {
  readonly rows = new Map<string, Row>()
  readonly #clock: Required<Clock>
  readonly #newest = new NewestOfKeys()
  #lastSequence = 0
  #lastToken = 0

  constructor(clock: Required<Clock>) {
    this.#clock = clock
  }

  add(event: EventRecord, standing: Partial<Row> = {}): Row {
    const row: Row = {
      sequence: ++this.#lastSequence,
      event,
      state: 'pending',
      attempt: 1,
      interruptions: 0,
      interruptedAlone: 0,
      progress: noProgress,
      failures: [],
      dueAt: null,
      untilWanted: false,
      token: undefined,
      leaseUntil: 0,
      isAlone: false,
      parkedAt: this.#now(),
      hasBegun: false,
      ...standing,
    }
    this.rows.set(event.key, row)
    return row
  }

  async take(ask: () => TakeRequest): Promise<Taking> {
    const request = ask()
    const reports: ParkingReport[] = []
    const { source } = request
    this.#limitHandled()
    for (const row of this.#ofSource(source))
      if (row.state === 'parked' && row.event.orderKey !== undefined && this.#isDue(row, request))
        row.state = 'pending' // it takes its place in the line of its key
    const due = this.#ofSource(source).filter(
      (row) => this.#isDue(row, request) && isInTurn(row, this.#ofSource(source)),
    )
    const wanted = due.filter((row) => this.#isTaken(row, request, reports))
    this.#limitParked(request, reports)
    const fit = wanted.filter((row) => this.needsToBeAlone(row) === request.alone)
    const taken = fit.slice(0, request.alone ? Math.min(1, request.limit) : request.limit)
    const isMoreDue = wanted.some((row) => !this.needsToBeAlone(row) && !taken.includes(row))
    const suspects = wanted.filter((row) => this.needsToBeAlone(row) && !taken.includes(row))
    const events = taken.map((row) => this.#lease(row, request))
    const nextDueMs = isMoreDue ? 0 : this.#nextDueMs(request)
    return { events, now: this.#now(), nextDueMs, aloneIsDue: suspects.length > 0, reports }
  }

  async renew(events: readonly TakenEvent[], leaseMs: number): Promise<readonly boolean[]> {
    return events.map((event) => {
      const row = this.#heldRow(event)
      if (row) Object.assign(row, { state: 'active', leaseUntil: this.#now() + leaseMs })
      return row !== undefined
    })
  }

  async checkpoint(event: TakenEvent, progress: Progress, legacy?: Legacy): Promise<boolean> {
    const row = this.#heldRow(event)
    if (row) row.progress = stored(progress)
    if (row && legacy) this.#newest.keep(row.event, legacy, this.#now())
    return row !== undefined
  }

  async conclude(taken: TakenEvent, verdict: Verdict): Promise<boolean> {
    const row = this.#heldRow(taken)
    if (!row) return false
    this.#settle(row, verdict.outcome === 'replace' ? verdict : stored(verdict))
    return true
  }

  /** Puts an event in the place of another. */
  replace(row: Row, { event }: Extract<Verdict, { outcome: 'replace' }>): void {
    this.rows.delete(row.event.key)
    if (!this.rows.has(event.key)) this.add(event)
  }

  redrive(key: string, options?: RedriveOptions): boolean {
    const row = this.rows.get(key)
    if (row?.state !== 'dead') return false
    const progress = redrivenProgress(row.progress, options)
    Object.assign(row, { state: 'pending', attempt: 1, progress, failures: [], ...uninterrupted })
    return true
  }

  replay(key: string, options: ReplayOptions): boolean {
    const row = this.rows.get(key)
    const progress = row?.state === 'handled' ? replayedProgress(row.progress, options) : undefined
    if (progress === undefined) return false
    Object.assign(row as Row, { state: 'pending', attempt: 1, progress, dueAt: null, ...uninterrupted })
    return true
  }

  /** As if the processes that hold leases had died: their events go to others. */
  loseLeases(): void {
    for (const row of this.rows.values()) {
      if (row.state !== 'active') continue
      row.leaseUntil = this.#now()
      row.token = undefined
    }
  }

  /** Lets all leases run out, while nobody takes their events. */
  expireLeases(): void {
    for (const row of this.rows.values()) row.leaseUntil = Math.min(row.leaseUntil, this.#now())
  }

  describe(key: string): KeptEvent | undefined {
    const row = this.rows.get(key)
    if (!row) return undefined
    const { event, state, attempt, progress, failures } = row
    const dueAt = state === 'handled' ? null : row.dueAt
    const aheadMs = this.#clock.now() - this.#now()
    return { ...event, state, attempt, progress, failures, dueAt: dueAt === null ? null : dueAt + aheadMs }
  }

  #now(): number {
    return this.#clock.elapsed()
  }

  #ofSource(source: string): Row[] {
    return [...this.rows.values()].filter(({ event }) => event.source === source)
  }

  #isDue(row: Row, { running, wanted: { types } }: TakeRequest): boolean {
    if (running.has(row.event.key)) return false
    if (row.state === 'scheduled' && row.untilWanted && isOfTypes(row, types)) return true
    if (row.state === 'scheduled') return row.dueAt !== null && row.dueAt <= this.#now()
    if (row.state === 'active') return row.leaseUntil <= this.#now()
    return row.state === 'pending' || (row.state === 'parked' && isOfTypes(row, types))
  }

  #limitHandled(): void {
    for (const [key, { state, dueAt }] of this.rows)
      if (state === 'handled' && (dueAt as number) <= this.#now()) this.rows.delete(key)
  }

  /** Parks or drops events that are not wanted. */
  #isTaken(row: Row, { wanted: { types, others } }: TakeRequest, reports: ParkingReport[]): boolean {
    if (isOfTypes(row, types) || others === 'hand-out' || row.event.orderKey !== undefined) return true
    if (others === 'park') this.#park(row)
    else this.rows.delete(row.event.key)
    reports.push({ event: row.event, outcome: others === 'park' ? 'parked' : 'dropped' })
    return false
  }

  #park(row: Row): void {
    const parkedAt = this.#now()
    Object.assign(row, { state: 'parked', dueAt: null, untilWanted: false, parkedAt, hasBegun: false })
  }

  #limitParked({ source, parking: { keepMs, maxBytes } }: TakeRequest, reports: ParkingReport[]): void {
    const parked = this.#ofSource(source).filter(({ state }) => state === 'parked')
    parked.sort((one, other) => one.parkedAt - other.parkedAt)
    let bytes = parked.reduce((sum, { event }) => sum + event.rawBody.length, 0)
    for (const { event, parkedAt } of parked) {
      if (bytes <= maxBytes && parkedAt > this.#now() - keepMs) return
      this.rows.delete(event.key)
      bytes -= event.rawBody.length
      reports.push({ event, outcome: 'expired' })
    }
  }

  /** Whether its turns were cut off so often that the event itself may be the cause. */
  needsToBeAlone(row: Row): boolean {
    return row.interruptions + (row.state === 'active' ? 1 : 0) >= interruptionsUntilAlone
  }

  #lease(row: Row, { leaseMs, alone }: TakeRequest): TakenEvent {
    const wasInterrupted = row.state === 'active' || row.token !== undefined
    if (wasInterrupted) row.interruptions += 1
    if (wasInterrupted && row.isAlone) row.interruptedAlone += 1
    const token = String(++this.#lastToken)
    Object.assign(row, {
      state: 'active',
      dueAt: null,
      untilWanted: false,
      token,
      leaseUntil: this.#now() + leaseMs,
      isAlone: alone,
      hasBegun: true,
    })
    const { event, attempt, interruptions, interruptedAlone, progress } = row
    const newest = this.#newest.of(event, this.#now())
    return { event, token, attempt, interruptions, interruptedAlone, wasInterrupted, progress, newest }
  }

  #nextDueMs({ source, running }: TakeRequest): number | undefined {
    const times = this.#ofSource(source)
      .filter((row) => !this.needsToBeAlone(row))
      .filter(
        ({ event, leaseUntil, dueAt }) => !running.has(event.key) || (dueAt ?? leaseUntil) > this.#now(),
      )
      .filter(({ state }) => isInLine(state))
      .flatMap(({ state, dueAt, leaseUntil }) => (state === 'active' ? [leaseUntil] : (dueAt ?? [])))
    return times.length > 0 ? Math.max(0, Math.min(...times) - this.#now()) : undefined
  }

  #heldRow({ event, token }: TakenEvent): Row | undefined {
    const row = this.rows.get(event.key)
    return row?.token === token ? row : undefined
  }

  #settle(row: Row, verdict: Verdict): void {
    row.token = undefined
    if ('legacy' in verdict && verdict.legacy) this.#newest.keep(row.event, verdict.legacy, this.#now())
    if (verdict.outcome === 'replace') this.replace(row, verdict)
    if (verdict.outcome === 'done' && verdict.keepMs) {
      const { progress, keepMs } = verdict
      const dueAt = this.#now() + keepMs // when it is forgotten
      Object.assign(row, { state: 'handled', progress, failures: [], dueAt, hasBegun: false })
    } else if (verdict.outcome === 'done') this.rows.delete(row.event.key)
    if (verdict.outcome === 'park') {
      Object.assign(row, { progress: verdict.progress, ...uninterrupted })
      this.#park(row)
    }
    if (verdict.outcome === 'dead') {
      const { progress, failures } = verdict
      Object.assign(row, { state: 'dead', progress, failures, hasBegun: false, ...uninterrupted })
    }
    if (verdict.outcome === 'retry') this.#schedule(row, verdict)
  }

  #schedule(row: Row, verdict: Extract<Verdict, { outcome: 'retry' }>): void {
    const {
      delayMs,
      progress,
      failures,
      attemptUsed,
      keepInterruptions = false,
      untilWanted = false,
    } = verdict
    const dueAt = this.#now() + delayMs
    Object.assign(row, {
      state: 'scheduled',
      progress,
      failures,
      dueAt,
      untilWanted,
      attempt: row.attempt + Number(attemptUsed),
    })
    if (!keepInterruptions) Object.assign(row, uninterrupted)
  }
}

const uninterrupted = { interruptions: 0, interruptedAlone: 0, isAlone: false }

function isOfTypes({ event }: Row, types: readonly string[] | 'all'): boolean {
  return types === 'all' || event.unreadable === true || types.includes(event.type)
}

/** A copy, as a database would return it. It throws for a value that can't be written there. */
function stored<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value))
}
