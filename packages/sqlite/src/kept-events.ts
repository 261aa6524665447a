import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type {
  Counts,
  EventPage,
  EventRecord,
  EventState,
  Failure,
  KeptEvent,
  ListFilter,
  Progress,
} from '@hookport/core'
import { encodeText, recordColumns, type SummaryRow, toSummary } from './event-row.ts'

/** An event whose lease ran out is due again, whoever still works on it. */
const state = `
  CASE WHEN ready_at IS NULL THEN 'dead'
       WHEN ready_at <= :now THEN 'pending'
       WHEN token IS NULL THEN 'scheduled'
       ELSE 'active' END`

const summary = `
  SELECT sequence, ${recordColumns}, ${state} AS state, attempt, progress, failures, ready_at AS readyAt FROM events`

/** The events that are not handled yet, and the dead letters, as operators see them. */
export class KeptEvents {
  readonly #fingerprint: StatementSync
  readonly #insert: StatementSync
  readonly #insertBody: StatementSync
  readonly #count: StatementSync
  readonly #list: StatementSync
  readonly #describe: StatementSync
  readonly #body: StatementSync
  readonly #redrive: StatementSync
  readonly #discard: StatementSync
  readonly #deleteBody: StatementSync
  readonly #forgetDead: StatementSync

  constructor(database: DatabaseSync) {
    const prepare = (sql: string) => database.prepare(sql)
    this.#fingerprint = prepare('SELECT fingerprint FROM events WHERE key = ?')
    this.#insert = prepare(`
      INSERT INTO events (key, provider, id, type, created_at, received_at, fingerprint, ready_at, attempt, progress, failures, died_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    this.#insertBody = prepare('INSERT INTO bodies (sequence, raw_body) VALUES (?, ?)')
    this.#count = prepare(`
      SELECT ${state} AS state, count(*) AS count FROM events
      WHERE :provider IS NULL OR provider = :provider GROUP BY 1`)
    this.#list = prepare(`${summary}
      WHERE sequence > :after
        AND (:provider IS NULL OR provider = :provider)
        AND (:type IS NULL OR type = :type)
        AND (:from IS NULL OR received_at >= :from)
        AND (:before IS NULL OR received_at < :before)
        AND (:state IS NULL OR ${state} = :state)
      ORDER BY sequence LIMIT :limit`)
    this.#describe = prepare(`${summary} WHERE key = :key`)
    this.#body = prepare('SELECT raw_body AS rawBody FROM bodies WHERE sequence = ?')
    this.#redrive = prepare(`
      UPDATE events SET ready_at = :now, died_at = NULL, attempt = 1, interruptions = 0, failures = '[]',
        progress = json_set(progress, '$.abandoned', json('[]'))
      WHERE key = :key AND ready_at IS NULL RETURNING provider`)
    this.#discard = prepare(`DELETE FROM events WHERE key = :key AND ${state} <> 'active' RETURNING sequence`)
    this.#deleteBody = prepare('DELETE FROM bodies WHERE sequence = ?')
    this.#forgetDead = prepare(`
      DELETE FROM events WHERE sequence IN (SELECT sequence FROM events WHERE died_at <= ? ORDER BY died_at LIMIT ?)
      RETURNING sequence`)
  }

  /** The fingerprint of an event that is kept. */
  find(key: string): number | undefined {
    return this.#fingerprint.get(key)?.fingerprint as number | undefined
  }

  addPending(event: EventRecord, progress: Progress, now: number): void {
    this.#add(event, { readyAt: now, attempt: 1, progress, failures: [], diedAt: null })
  }

  addDead(
    event: EventRecord,
    attempt: number,
    progress: Progress,
    failures: readonly Failure[],
    now: number,
  ): void {
    this.#add(event, { readyAt: null, attempt, progress, failures, diedAt: now })
  }

  count(provider: string | undefined, now: number): Counts {
    const counts = { pending: 0, scheduled: 0, active: 0, dead: 0 }
    for (const row of this.#count.all({ provider: provider ?? null, now })) {
      counts[row.state as EventState] = Number(row.count)
    }
    return counts
  }

  list(
    { provider, state, type, receivedFrom, receivedBefore, limit = 50, cursor = '0' }: ListFilter,
    now: number,
  ): EventPage {
    const rows = this.#list.all({
      now,
      after: Number(cursor),
      provider: provider ?? null,
      state: state ?? null,
      type: type === undefined ? null : encodeText(type),
      from: receivedFrom ?? null,
      before: receivedBefore ?? null,
      limit: limit + 1,
    }) as unknown as SummaryRow[]
    const page = rows.slice(0, limit)
    const items = page.map(toSummary)
    const last = page.at(-1)
    return rows.length > limit && last ? { items, cursor: String(last.sequence) } : { items }
  }

  describe(key: string, now: number): KeptEvent | undefined {
    const row = this.#describe.get({ key, now }) as unknown as SummaryRow | undefined
    return row && { ...toSummary(row), rawBody: this.bodyOf(row.sequence) }
  }

  /**
   * A `Buffer`, as the other inboxes have it: its `toString()` is text. Empty where only damage can have taken the body, so
   * that the event becomes a dead letter and doesn't hold up others.
   */
  bodyOf(sequence: number): Uint8Array {
    const rawBody = this.#body.get(sequence)?.rawBody
    if (!(rawBody instanceof Uint8Array)) return Buffer.alloc(0)
    return Buffer.from(rawBody.buffer, rawBody.byteOffset, rawBody.byteLength)
  }

  /** Makes a dead letter pending. Answers its provider; undefined if there is none of that key. */
  redrive(key: string, now: number): string | undefined {
    return this.#redrive.get({ key, now })?.provider as string | undefined
  }

  discard(key: string, now: number): boolean {
    const discarded = this.#discard.get({ key, now })
    if (discarded) this.deleteBody(Number(discarded.sequence))
    return discarded !== undefined
  }

  deleteBody(sequence: number): void {
    this.#deleteBody.run(sequence)
  }

  /** Deletes up to `limit` letters that died at `diedBy` or earlier. Answers how many. */
  forgetDead(diedBy: number, limit: number): number {
    const forgotten = this.#forgetDead.all(diedBy, limit)
    for (const { sequence } of forgotten) this.deleteBody(Number(sequence))
    return forgotten.length
  }

  #add(
    event: EventRecord,
    standing: {
      readyAt: number | null
      attempt: number
      progress: Progress
      failures: readonly Failure[]
      diedAt: number | null
    },
  ): void {
    const { key, provider, id, type, createdAt, receivedAt, fingerprint, rawBody } = event
    const { readyAt, attempt, progress, failures, diedAt } = standing
    const { lastInsertRowid } = this.#insert.run(
      key,
      provider,
      encodeText(id),
      encodeText(type),
      createdAt,
      receivedAt,
      fingerprint,
      readyAt,
      attempt,
      JSON.stringify(progress),
      JSON.stringify(failures),
      diedAt,
    )
    this.#insertBody.run(lastInsertRowid, rawBody)
  }
}
