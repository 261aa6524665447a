import { randomUUID } from 'node:crypto'
import type { ClaimOptions, ClaimResult, EventRecord, Lease, Progress, PutOptions } from '@hookport/core'
import type { Database } from '../connection/database.ts'
import { Gather, senderWaitsMs } from '../connection/gather.ts'
import { decodeProgress, encodeProgress } from '../events/event-row.ts'
import type { Statement } from '../layout/stored-statement.ts'
import { namesOf } from '../put/put-row.ts'
import { type ClaimAnswer, claimStatement, confirmStatement, releaseSql, renewSql } from './claim-sql.ts'

interface ClaimRow {
  readonly key: string
  readonly fingerprint: number
  readonly reconciled: boolean
  readonly rememberMs: number
  readonly leaseMs: number
  readonly token: string
  readonly aliases: readonly string[]
}

/** A row of the statements that end or renew leases. Its key comes first. Sent again, after an answer was lost, it says so. */
type HeldRow = readonly [key: string, ...values: unknown[]]

/** How often a claim is made again after a conflict with another statement. */
const mostTries = 5

/** Leases on events that are handled before they are acknowledged. Requests of the same kind at the same time share one statement. */
export class Claims {
  readonly #database: Database
  readonly #claimStatement: Statement
  readonly #claims: Gather<ClaimRow, ClaimAnswer>
  readonly #renewals: Gather<HeldRow, boolean>
  readonly #releases: Gather<HeldRow, boolean>
  readonly #confirmations: Gather<HeldRow, boolean>

  constructor(database: Database) {
    const { layout } = database
    this.#database = database
    this.#claimStatement = claimStatement(layout)
    this.#claims = new Gather((rows) => this.#ask(rows), {
      isApart: ({ key }) => key,
      mostWaitMs: senderWaitsMs,
    })
    this.#renewals = this.#gatherHeld(renewSql(layout))
    this.#releases = this.#gatherHeld(releaseSql(layout))
    this.#confirmations = this.#gatherHeld(confirmStatement(layout))
  }

  async claim(event: EventRecord, { rememberMs, leaseMs }: ClaimOptions): Promise<ClaimResult> {
    const { key, fingerprint, origin, aliases = [] } = event
    const row = {
      key,
      fingerprint,
      reconciled: origin === 'reconciled',
      rememberMs,
      leaseMs,
      aliases,
      token: randomUUID(),
    }
    for (let tries = 0; tries < mostTries; tries++) {
      const answer = await this.#claims.add(row)
      const result = resultOf(row, answer)
      if (result) return result
    }
    throw new Error('postgresInbox: a claim met conflicting statements again and again')
  }

  renew({ key, token }: Lease, leaseMs: number): Promise<boolean> {
    return this.#renewals.add([key, token, leaseMs])
  }

  async release({ key, token, attempt }: Lease, progress: Progress, attemptUsed: boolean): Promise<boolean> {
    return this.#releases.add([key, token, encodeProgress(progress), attempt + (attemptUsed ? 1 : 0)])
  }

  confirm({ key, token }: Lease, { fingerprint }: EventRecord, { rememberMs }: PutOptions): Promise<boolean> {
    return this.#confirmations.add([key, token, fingerprint, rememberMs])
  }

  #ask(rows: readonly ClaimRow[]): Promise<ClaimAnswer[]> {
    const column = (name: keyof ClaimRow) => rows.map((row) => row[name])
    const values = [
      ...(['key', 'fingerprint', 'reconciled', 'rememberMs', 'leaseMs', 'token'] as const).map(column),
      ...namesOf(rows),
    ]
    return this.#database.write<ClaimAnswer>(this.#claimStatement, values, { urgent: true })
  }

  #gatherHeld(statement: Statement): Gather<HeldRow, boolean> {
    const sent = new WeakSet<HeldRow>()
    const send = async (rows: readonly HeldRow[]) => {
      const values = () => {
        const again = rows.map((row) => sent.has(row))
        for (const row of rows) sent.add(row)
        return [...(rows[0] as HeldRow).map((_, column) => rows.map((row) => row[column])), again]
      }
      const answers = await this.#database.write<{ held: boolean }>(statement, values, { urgent: true })
      return answers.map(({ held }) => held)
    }
    return new Gather(send, { isApart: ([key]) => key })
  }
}

function resultOf({ key, token }: ClaimRow, answer: ClaimAnswer): ClaimResult | undefined {
  const { claimed, attempt, progress, conflict, by_name, left_ms } = answer
  if (claimed)
    return { outcome: 'claimed', lease: { key, token, attempt, progress: decodeProgress(progress) } }
  if (conflict !== null) return { outcome: 'duplicate', conflict }
  if (by_name) return { outcome: 'duplicate', conflict: false }
  return left_ms === null ? undefined : { outcome: 'in_progress', retryAfterMs: left_ms }
}
