import type { ParkingReport } from '@hookport/core'
import { encodeText, type TakeRequest, type Taking } from '@hookport/core/inbox-kit'
import type { Moment } from '../file/file-time.ts'
import { type DueEvents, type DueRow, pastTurnsOf } from '../kept/due-events.ts'
import type { KeptEvents } from '../kept/kept-events.ts'
import { isSuspect, type LeasedEvent, type LeasedEvents, newToken } from '../kept/leased-events.ts'
import type { ParkedEvents } from '../kept/parked-events.ts'
import { isOrdered, isUnreadable, nameOf } from '../layout/event-row.ts'

/** How many events one taking may park, drop, or put in the line of their order key. */
const maxUnwanted = 256

export interface TakingParts {
  readonly due: DueEvents
  readonly leased: LeasedEvents
  readonly parked: ParkedEvents
  readonly kept: KeptEvents
}

/** Whether a taking would find anything to do. Only reads. */
export function isAnythingDue({ due, parked }: TakingParts, ask: TakeRequest, now: Moment): boolean {
  const { source, wanted, parking, running } = ask
  const isDue = (suspect: boolean) => due.next(source, suspect, now.elapsed, running) !== undefined
  if (isDue(false) || isDue(true)) return true
  if (!parked.isAny(source)) return false
  return parked.find(source, wanted, running, 1).length > 0 || parked.isOverLimits(source, parking, now)
}

/** The answer to a consumer when nothing is due. */
export function nothingTaken({ due }: TakingParts, ask: TakeRequest, { elapsed }: Moment): Taking {
  const nextDueMs = due.dueInMs(ask.source, elapsed, ask.leaseMs / 2, ask.running)
  return { events: [], now: elapsed, nextDueMs, aloneIsDue: false, reports: [] }
}

/** Takes what a consumer asks for, in a transaction. */
export class OneTaking {
  readonly #parts: TakingParts
  readonly #request: TakeRequest
  readonly #moment: Moment
  readonly #wantedTypes: ReadonlySet<string> | undefined
  readonly #token = newToken()
  readonly #events: LeasedEvent[] = []
  readonly #reports: ParkingReport[] = []
  /** How many parked events it could put in line, and not take. */
  #linedUp = 0

  constructor(parts: TakingParts, request: TakeRequest, moment: Moment) {
    this.#parts = parts
    this.#request = request
    this.#moment = moment
    const { types } = request.wanted
    this.#wantedTypes = types === 'all' ? undefined : new Set(types.map(encodeText))
  }

  /** @param parkedFirst whether parked events come first. This alternates, so that neither kind starves the other. */
  take(parkedFirst: boolean): Taking {
    const { due, parked } = this.#parts
    const { source, limit, leaseMs, running, parking } = this.#request
    if (limit > 0) {
      const isAnyParked = parked.isAny(source)
      if (isAnyParked) this.#reports.push(...parked.expire(source, parking, this.#moment))
      if (isAnyParked && parkedFirst) this.#takeParked()
      this.#takeDue()
      if (isAnyParked) this.#takeParked()
    }
    const { elapsed } = this.#moment
    return {
      events: this.#events,
      now: elapsed,
      nextDueMs: this.#linedUp < maxUnwanted ? due.dueInMs(source, elapsed, leaseMs / 2, running) : 0,
      aloneIsDue: due.next(source, true, elapsed, running) !== undefined,
      reports: this.#reports,
    }
  }

  get #room(): number {
    return this.#request.limit - this.#events.length
  }

  #takeDue(): void {
    const { source, alone, running } = this.#request
    let unwanted = 0
    for (let skipped = 0; this.#room > 0 && unwanted < maxUnwanted; ) {
      const asked = this.#room + skipped // skipped events stay in front
      const rows = this.#parts.due.find(source, alone, this.#moment.elapsed, asked)
      const takeable = rows.filter(({ key }) => !running.has(key))
      for (const row of takeable) if (!this.#takeOne(row)) unwanted += 1
      if (rows.length < asked) break
      skipped = rows.length - takeable.length
    }
  }

  /** False where it was parked or dropped. */
  #takeOne(row: DueRow): boolean {
    const { others } = this.#request.wanted
    const isWanted = this.#wantedTypes === undefined || this.#wantedTypes.has(row.type) || isUnreadable(row)
    if (isWanted || others === 'hand-out' || isOrdered(row)) {
      this.#lease(row)
      return true
    }
    const { kept, parked } = this.#parts
    if (others === 'park') parked.park(row.sequence, row.source, this.#moment)
    else kept.remove(row.sequence)
    this.#reports.push({ event: nameOf(row), outcome: others === 'park' ? 'parked' : 'dropped' })
    return false
  }

  #takeParked(): void {
    const { source, wanted, running, alone } = this.#request
    if (alone) return
    for (let asked = 0, found = 0; found === asked && this.#room > 0 && this.#linedUp < maxUnwanted; ) {
      asked = this.#room
      const sequences = this.#parts.parked.find(source, wanted, running, asked)
      for (const sequence of sequences) if (!this.#unpark(this.#parts.due.at(sequence))) this.#linedUp += 1
      found = sequences.length
    }
  }

  /** False where it is not taken yet: it is in the line of its order key, or of those that run alone. */
  #unpark(row: DueRow): boolean {
    const { parked } = this.#parts
    if (isOrdered(row)) {
      parked.putInLine(row, this.#moment)
      return false
    }
    const past = pastTurnsOf(row)
    if (past && isSuspect(past.interruptions + past.lapsed)) {
      parked.makeDue(row, past.rest, this.#moment)
      return false
    }
    this.#lease(row)
    return true
  }

  #lease(row: DueRow): void {
    const { leaseMs, alone } = this.#request
    const terms = { token: this.#token, leaseMs, alone }
    this.#events.push(this.#parts.leased.lease(row, terms, this.#moment))
  }
}
