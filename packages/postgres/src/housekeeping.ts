import type { Database } from './connection/database.ts'
import { isAmong, isKept, momentOf } from './sql.ts'

/** How often it checks whether there is something to tidy up. */
const intervalMs = 10_000
/** What one step may delete: some milliseconds of work. Dead letters can have bodies of a megabyte. */
const mostIds = 1_000
const mostDead = 16
const mostHandled = 256
/** The pause between two steps while there is more to do, so that others come first. */
const pauseMs = 20
/** A forgotten key whose event is still kept is checked again after this time. */
const againMs = 3_600_000

/** Deletes what is forgotten, in small steps. One process at a time does it. */
export class Housekeeping {
  readonly #database: Database
  readonly #keepDeadFor: number
  #lastAt = Number.NEGATIVE_INFINITY
  #underWay = false
  #pause: NodeJS.Timeout | undefined
  #closed = false

  constructor(database: Database, keepDeadFor: number) {
    this.#database = database
    this.#keepDeadFor = keepDeadFor
  }

  /** Called whenever there is activity. Acts at most every ten seconds. */
  tick(): void {
    const now = performance.now()
    if (now - this.#lastAt < intervalMs || this.#underWay || this.#closed) return
    this.#lastAt = now
    this.#underWay = true
    void this.#begin()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#pause)
  }

  /** As a rule there is nothing to delete: then it is one question. */
  async #begin(): Promise<void> {
    const isAnyOld = await this.#isAnyOld().catch(() => false) // whatever is wrong fails others, too, and is reported there
    if (isAnyOld && !this.#closed) await this.#step()
    else this.#underWay = false
  }

  async #isAnyOld(): Promise<boolean> {
    const { layout } = this.#database
    const { ids, events, newest } = layout.tables
    const [row] = await this.#database.ask<{ is_any: boolean }>(
      `WITH RECURSIVE ${momentOf(layout)}, until AS MATERIALIZED (SELECT now, now - $1::float8 AS dead FROM moment),
       sources (source) AS (
         (SELECT source FROM ${events} WHERE rest = 'dead' ORDER BY source LIMIT 1)
         UNION ALL SELECT (SELECT source FROM ${events} e WHERE rest = 'dead' AND e.source > sources.source ORDER BY source LIMIT 1)
         FROM sources WHERE source IS NOT NULL),
       dead AS (
         SELECT oldest.rested_at FROM sources CROSS JOIN LATERAL (
           SELECT rested_at FROM ${events} e WHERE rest = 'dead' AND e.source = sources.source ORDER BY rested_at LIMIT 1) oldest)
       SELECT coalesce((SELECT prune_at FROM ${ids} ORDER BY prune_at LIMIT 1) <= now
         OR (SELECT rested_at FROM ${events} WHERE rest = 'handled' ORDER BY rested_at LIMIT 1) <= now
         OR (SELECT forgotten_at FROM ${newest} ORDER BY forgotten_at LIMIT 1) <= now
         OR (SELECT min(rested_at) FROM dead) <= until.dead, false) AS is_any FROM until`,
      [this.#keepDeadFor],
    )
    return row?.is_any === true
  }

  async #step(): Promise<void> {
    const isMoreToDo = [
      (await this.#countOf(this.#forgetIds())) === mostIds,
      (await this.#countOf(this.#forgetDead())) === mostDead,
      (await this.#countOf(this.#forgetHandled())) === mostHandled,
      (await this.#countOf(this.#forgetNewest())) === mostIds,
    ].includes(true)
    this.#underWay = isMoreToDo && !this.#closed
    if (this.#underWay) this.#pause = setTimeout(() => void this.#step(), pauseMs).unref()
  }

  /** A part that fails leaves the others to do theirs. As a rule, what fails it fails others too, and is reported there. */
  #countOf(part: Promise<number>): Promise<number> {
    return part.catch(() => 0)
  }

  /** A claim or a put at the same time finds the row gone, and creates it again. */
  async #forgetIds(): Promise<number> {
    const { layout } = this.#database
    const { ids, aliases } = layout.tables
    return this.#count(
      `old AS MATERIALIZED (
         SELECT i.key, i.forgotten_at <= moment.now AND NOT ${isKept(layout, 'i')} AS is_forgotten FROM ${ids} i, moment
         WHERE i.prune_at <= (SELECT now FROM moment) AND $1::float8 IS NOT NULL AND ${this.#isAlone} ORDER BY i.prune_at LIMIT ${mostIds} FOR UPDATE OF i SKIP LOCKED),
       forgotten AS (DELETE FROM ${ids} i USING old WHERE ${isAmong('i.key', 'old')} AND i.key = old.key AND old.is_forgotten RETURNING i.key),
       names AS (DELETE FROM ${aliases} a USING forgotten WHERE a.key = forgotten.key),
       kept AS (
         UPDATE ${ids} i SET prune_at = greatest(i.forgotten_at, moment.now + ${againMs}) FROM old, moment
         WHERE ${isAmong('i.key', 'old')} AND i.key = old.key AND NOT old.is_forgotten)`,
      0,
    )
  }

  async #forgetDead(): Promise<number> {
    if (this.#keepDeadFor === Number.POSITIVE_INFINITY) return 0
    const { events } = this.#database.layout.tables
    return this.#count(
      `old AS MATERIALIZED (
         SELECT sequence FROM ${events}, moment WHERE rest = 'dead' AND rested_at <= (SELECT now FROM moment) - $1::float8 AND ${this.#isAlone}
         ORDER BY rested_at LIMIT ${mostDead} FOR UPDATE OF events SKIP LOCKED),
       forgotten AS (DELETE FROM ${events} USING old WHERE ${isAmong('events.sequence', 'old')} AND events.sequence = old.sequence)`,
      this.#keepDeadFor,
    )
  }

  /** `rested_at` is until when they are kept. */
  async #forgetHandled(): Promise<number> {
    const { events } = this.#database.layout.tables
    return this.#count(
      `old AS MATERIALIZED (
         SELECT sequence FROM ${events}, moment WHERE rest = 'handled' AND rested_at <= (SELECT now FROM moment) - $1::float8 AND ${this.#isAlone}
         ORDER BY rested_at LIMIT ${mostHandled} FOR UPDATE OF events SKIP LOCKED),
       forgotten AS (DELETE FROM ${events} USING old WHERE ${isAmong('events.sequence', 'old')} AND events.sequence = old.sequence)`,
      0,
    )
  }

  async #forgetNewest(): Promise<number> {
    const { newest } = this.#database.layout.tables
    return this.#count(
      `old AS MATERIALIZED (
         SELECT source, order_key FROM ${newest} n, moment WHERE forgotten_at <= (SELECT now FROM moment) - $1::float8 AND ${this.#isAlone}
         ORDER BY forgotten_at LIMIT ${mostIds} FOR UPDATE OF n SKIP LOCKED),
       forgotten AS (
         DELETE FROM ${newest} n USING old WHERE n.source = old.source AND n.order_key = old.order_key)`,
      0,
    )
  }

  get #isAlone(): string {
    return `(SELECT pg_try_advisory_xact_lock(hashtextextended('hookport tidies ${this.#database.layout.schema}', 0)))`
  }

  async #count(parts: string, ageMs: number): Promise<number> {
    const [row] = await this.#database.write<{ count: number }>(
      `WITH ${momentOf(this.#database.layout)}, ${parts} SELECT (SELECT count(*) FROM old)::integer AS count FROM moment`,
      [ageMs],
    )
    return row?.count ?? 0
  }
}
