import { randomUUID } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type Failure, type Legacy, noProgress, type Progress, type Verdict } from '@hookport/core'
import { interruptionsUntilAlone, type TakenEvent } from '@hookport/core/inbox-kit'
import type { Moment } from '../file/file-time.ts'
import { decodeProgress, encodeFailures, encodeProgress, toRecord } from '../layout/event-row.ts'
import { type DueRow, type PastTurns, pastTurnsOf } from './due-events.ts'
import { type KeptEvents, toBuffer } from './kept-events.ts'
import { type OrderLines, orderedRow } from './order-lines.ts'
import type { ParkedTotals } from './parked-totals.ts'

/** An event that a consumer has taken. */
export interface LeasedEvent extends TakenEvent {
  readonly sequence: number
}

export interface LeaseTerms {
  readonly token: string
  readonly leaseMs: number
  /** Whether it runs alone in this process. */
  readonly alone: boolean
}

const held = 'WHERE sequence = ? AND lease_token = ?'
const ofVerdict = 'lease_token = NULL, alone = 0, progress = ?, failures = ?'

const firstTurn = {
  attempt: 1,
  interruptions: 0,
  interruptedAlone: 0,
  wasInterrupted: false,
  progress: noProgress,
} as const

/** Gives an event to a consumer under a lease, and carries out the verdict of the lease's holder. */
export class LeasedEvents {
  readonly #kept: KeptEvents
  readonly #parked: ParkedTotals
  readonly #lines: OrderLines
  readonly #leaseFirst: StatementSync
  readonly #lease: StatementSync
  readonly #reclaim: StatementSync
  readonly #renew: StatementSync
  readonly #checkpoint: StatementSync
  readonly #finish: StatementSync
  readonly #reschedule: StatementSync
  readonly #rest: StatementSync
  readonly #begin: StatementSync

  constructor(database: DatabaseSync, kept: KeptEvents, parked: ParkedTotals, lines: OrderLines) {
    this.#kept = kept
    this.#parked = parked
    this.#lines = lines
    this.#leaseFirst = database.prepare(
      'UPDATE events SET lease_token = ?, due_at = ?, delay_ms = ? WHERE sequence = ?',
    )
    this.#lease = database.prepare(`
      UPDATE events SET lease_token = ?, due_at = ?, delay_ms = ?, alone = ?, suspect = ?, interruptions = ?, interrupted_alone = ?,
        rest = NULL, rested_at = NULL, until_wanted = 0
      WHERE sequence = ?`)
    this.#reclaim = database.prepare(`
      UPDATE events SET rest = NULL, rested_at = NULL, due_at = ? ${held} AND rest = 'parked'`)
    this.#renew = database.prepare(`UPDATE events SET due_at = ?, delay_ms = ? ${held}`)
    this.#checkpoint = database.prepare(`UPDATE events SET progress = ? ${held}`)
    this.#finish = database.prepare(`DELETE FROM events ${held}`)
    this.#reschedule = database.prepare(`
      UPDATE events SET ${ofVerdict}, due_at = ?, delay_ms = ?, attempt = attempt + ?, interruptions = ?, interrupted_alone = ?, suspect = ?,
        until_wanted = ?
      ${held}`)
    this.#rest = database.prepare(`
      UPDATE events SET ${ofVerdict}, due_at = NULL, rest = ?, rested_at = ?, interruptions = 0, interrupted_alone = 0, suspect = 0, begun = 0
      ${held}`)
    this.#begin = database.prepare('UPDATE events SET begun = 1 WHERE sequence = ?')
  }

  /** Takes an event that is due or parked. If its last lease ran out, that counts as an interruption. */
  lease(row: DueRow, terms: LeaseTerms, now: Moment): LeasedEvent {
    const leased = this.#leaseRow(row, terms, now)
    if (leased.event.orderKey === undefined) return leased
    this.#begin.run(row.sequence)
    return { ...leased, newest: this.#lines.newestOf(leased.event, now) }
  }

  #leaseRow(row: DueRow, terms: LeaseTerms, now: Moment): LeasedEvent {
    const past = pastTurnsOf(row)
    if (past) return this.#leaseAgain(row, past, terms, now)
    const { token, leaseMs } = terms
    const { sequence } = row
    this.#leaseFirst.run(token, now.elapsed + leaseMs, leaseMs, sequence)
    return { sequence, token, event: toRecord(row, this.#bodyOf(row)), ...firstTurn }
  }

  #leaseAgain(
    row: DueRow,
    past: PastTurns,
    { token, leaseMs, alone }: LeaseTerms,
    { elapsed }: Moment,
  ): LeasedEvent {
    const { sequence } = row
    const { attempt, lapsed } = past
    const interruptions = past.interruptions + lapsed
    const interruptedAlone = past.interruptedAlone + (past.alone ? lapsed : 0)
    const ifThisLapses = isSuspect(interruptions + 1)
    this.#lease.run(
      token,
      elapsed + leaseMs,
      leaseMs,
      alone ? 1 : 0,
      ifThisLapses,
      interruptions,
      interruptedAlone,
      sequence,
    )
    const rawBody = this.#bodyOf(row)
    if (past.rest === 'parked') this.#parked.remove(row.source, rawBody.length)
    const event = toRecord(row, rawBody)
    const progress = decodeProgress(past.progress)
    const wasInterrupted = lapsed === 1
    const turn = { attempt, interruptions, interruptedAlone, wasInterrupted, progress }
    return { sequence, token, event, ...turn }
  }

  /** False, as in the two methods below, if another consumer has taken the event, or it was discarded. */
  renew(leased: LeasedEvent, leaseMs: number, { elapsed }: Moment): boolean {
    this.#takeBack(leased, elapsed)
    const { sequence, token } = leased
    return this.#renew.run(elapsed + leaseMs, leaseMs, sequence, token).changes === 1
  }

  checkpoint(leased: LeasedEvent, progress: Progress, legacy: Legacy | undefined, now: Moment): boolean {
    const { sequence, token, event } = leased
    const wasHeld = this.#checkpoint.run(encodeProgress(progress), sequence, token).changes === 1
    if (wasHeld && legacy && event.orderKey !== undefined) this.#lines.remember(event, legacy, now)
    return wasHeld
  }

  /** One half of `replace`: deletes the unreadable event. */
  conclude(leased: LeasedEvent, verdict: Verdict, now: Moment): boolean {
    this.#takeBack(leased, now.elapsed)
    const wasHeld = this.#settle(leased, verdict, now)
    const { event } = leased
    if (wasHeld && event.orderKey !== undefined) {
      if (verdict.outcome !== 'replace' && verdict.legacy) this.#lines.remember(event, verdict.legacy, now)
      this.#lines.lineUp(orderedRow(event), now)
    }
    return wasHeld
  }

  #settle(leased: LeasedEvent, verdict: Verdict, now: Moment): boolean {
    switch (verdict.outcome) {
      case 'done':
        return verdict.keepMs
          ? this.#keepHandled(leased, verdict.progress, verdict.keepMs, now)
          : this.#end(leased)
      case 'replace':
        return this.#end(leased)
      case 'retry':
        return this.#retry(leased, verdict, now)
      case 'dead':
        return this.#layToRest(leased, 'dead', verdict.progress, verdict.failures, now)
      case 'park': {
        const wasHeld = this.#layToRest(leased, 'parked', verdict.progress, [], now)
        if (wasHeld) this.#parked.add(leased.event.source, leased.event.rawBody.length)
        return wasHeld
      }
    }
  }

  #bodyOf({ sequence, rawBody }: DueRow): Uint8Array {
    return rawBody ? toBuffer(rawBody) : this.#kept.bodyOf(sequence)
  }

  /** Takes it from the parked events. The lease had run out, and a process without a handler for its type has parked it. */
  #takeBack({ sequence, token, event: { source, rawBody } }: LeasedEvent, elapsed: number): void {
    if (!this.#parked.mayHaveAny(source)) return
    if (this.#reclaim.run(elapsed, sequence, token).changes === 1) this.#parked.remove(source, rawBody.length)
  }

  #end({ sequence, token, event }: LeasedEvent): boolean {
    const wasHeld = this.#finish.run(sequence, token).changes === 1
    if (wasHeld) this.#kept.letGo(sequence, event.rawBody.length)
    return wasHeld
  }

  /** `rested_at` is when it is deleted. */
  #keepHandled(
    { sequence, token }: LeasedEvent,
    progress: Progress,
    keepMs: number,
    { steady }: Moment,
  ): boolean {
    return (
      this.#rest.run(encodeProgress(progress), null, 'handled', steady + keepMs, sequence, token).changes ===
      1
    )
  }

  #retry(
    { sequence, token, ...turn }: LeasedEvent,
    {
      progress,
      failures,
      delayMs,
      attemptUsed,
      keepInterruptions,
      untilWanted,
    }: Extract<Verdict, { outcome: 'retry' }>,
    { elapsed }: Moment,
  ): boolean {
    const interruptions = keepInterruptions ? turn.interruptions : 0
    const { changes } = this.#reschedule.run(
      encodeProgress(progress),
      encodeFailures(failures),
      elapsed + delayMs,
      delayMs,
      attemptUsed ? 1 : 0,
      interruptions,
      keepInterruptions ? turn.interruptedAlone : 0,
      isSuspect(interruptions),
      untilWanted ? 1 : 0,
      sequence,
      token,
    )
    return changes === 1
  }

  #layToRest(
    { sequence, token }: LeasedEvent,
    rest: 'dead' | 'parked',
    progress: Progress,
    failures: readonly Failure[],
    { steady }: Moment,
  ): boolean {
    const [reached, reasons] = [encodeProgress(progress), encodeFailures(failures)]
    return this.#rest.run(reached, reasons, rest, steady, sequence, token).changes === 1
  }
}

/** Whether the next turn has to run alone. */
export function isSuspect(interruptions: number): 0 | 1 {
  return interruptions >= interruptionsUntilAlone ? 1 : 0
}

export function newToken(): string {
  return randomUUID()
}
