import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** How much is parked of each source. Told of every event that is parked, or no longer is. */
export class ParkedTotals {
  readonly #find: StatementSync
  readonly #sum: StatementSync
  readonly #add: StatementSync
  /** By source, as far as it was looked up or changed in this transaction. */
  readonly #hasAny = new Map<string, boolean>()

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT bytes FROM parked WHERE source = ? AND events > 0')
    this.#sum = database.prepare('SELECT sum(events) AS events, sum(bytes) AS bytes FROM parked')
    this.#add = database.prepare(`
      INSERT INTO parked (source, events, bytes) VALUES (?, ?, ?)
      ON CONFLICT (source) DO UPDATE SET events = events + excluded.events, bytes = bytes + excluded.bytes`)
  }

  /** To be called at the beginning of each transaction. */
  begin(): void {
    this.#hasAny.clear()
  }

  /** Whether anything of a source may be parked. Looks once in a transaction, and is only to be asked in one. */
  mayHaveAny(source: string): boolean {
    let hasAny = this.#hasAny.get(source)
    if (hasAny === undefined) {
      hasAny = this.bytesOf(source) !== undefined
      this.#hasAny.set(source, hasAny)
    }
    return hasAny
  }

  /** How many bytes all bodies together have; undefined where nothing is parked. */
  bytesOf(source: string): number | undefined {
    return this.#find.get(source)?.bytes as number | undefined
  }

  /** About what is parked of all sources takes up in the file: bodies fill pages up to two thirds, rows and what is indexed of them come to 330 bytes. */
  get usedBytes(): number {
    const { events, bytes } = this.#sum.get() as { events: number | null; bytes: number | null }
    return 1.5 * (bytes ?? 0) + 330 * (events ?? 0)
  }

  add(source: string, bodyBytes: number): void {
    this.#add.run(source, 1, bodyBytes)
    this.#hasAny.set(source, true)
  }

  remove(source: string, bodyBytes: number): void {
    this.#add.run(source, -1, -bodyBytes)
  }
}
