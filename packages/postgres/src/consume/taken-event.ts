import type { Verdict } from '@hookport/core'
import type { TakenEvent } from '@hookport/core/inbox-kit'
import { decodeProgress, encodeFailures, encodeJson, encodeProgress, toRecord } from '../events/event-row.ts'
import type { LineName } from '../events/order-lines.ts'
import type { TakenRow } from './take-sql.ts'

/** An event that a consumer has taken. */
export interface LeasedEvent extends TakenEvent {
  readonly sequence: string
  /** A verdict on it was sent. If one is sent again, it may already be stored. */
  isTold?: true
}

/** A verdict, as the values of a row. */
export interface Told {
  readonly taken: LeasedEvent
  readonly row: readonly unknown[]
}

/** @param now the database's time when it was taken. */
export function toLeasedEvent(row: TakenRow, token: string, now: number): LeasedEvent {
  return {
    sequence: row.sequence,
    event: toRecord(row, row.raw_body ?? Buffer.alloc(0)),
    token,
    attempt: row.attempt ?? 1,
    interruptions: row.interruptions ?? 0,
    interruptedAlone: row.interrupted_alone ?? 0,
    wasInterrupted: row.lapsed === true,
    progress: decodeProgress(row.progress),
    now,
  }
}

/** A verdict other than `replace`, as the values of a row. NULL is what most verdicts have. */
export function verdictRow(taken: LeasedEvent, verdict: Exclude<Verdict, { outcome: 'replace' }>): unknown[] {
  const { sequence, token } = taken
  const outcome = outcomeOf(verdict)
  if (outcome === 'done') return [sequence, token, outcome, ...nothingMore] // its row is deleted
  const isRetry = verdict.outcome === 'retry'
  const keeps = isRetry && verdict.keepInterruptions === true
  return [
    sequence,
    token,
    outcome,
    isRetry ? verdict.delayMs : verdict.outcome === 'done' ? verdict.keepMs : null,
    encodeProgress(verdict.progress),
    'failures' in verdict ? encodeFailures(verdict.failures) : null,
    isRetry && verdict.attemptUsed ? 1 : null,
    keeps ? taken.interruptions : null,
    keeps ? taken.interruptedAlone : null,
    isRetry && verdict.untilWanted ? true : null,
  ]
}

const nothingMore: readonly null[] = Array(7).fill(null)

/** Called as its verdict is sent. True where one was sent before, else NULL. */
export function isToldAgain(taken: LeasedEvent): true | null {
  const isAgain = taken.isTold ?? null
  taken.isTold = true
  return isAgain
}

/** The name of the outcome in the table. */
function outcomeOf(verdict: Verdict): string {
  if (verdict.outcome === 'park') return 'parked'
  return verdict.outcome === 'done' && verdict.keepMs ? 'handled' : verdict.outcome
}

/** The additional values of a verdict on an event that has an order key: its line, and what it leaves to it. */
export function orderRow({ source, order_key }: LineName, verdict: Verdict): unknown[] {
  const legacy = 'legacy' in verdict ? verdict.legacy : undefined
  return [source, order_key, legacy ? encodeJson(legacy.newest) : null, legacy?.rememberMs ?? 0]
}

/** Rows, as the columns of a statement. A column without any value is NULL: a list would have to be written and read. */
export function columnsOf(rows: readonly unknown[][]): (unknown[] | null)[] {
  return (rows[0] as unknown[]).map((_, column) => {
    const values = rows.map((row) => row[column])
    return values.every((value) => value === null) ? null : values
  })
}
