import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** How much is parked for each source. It is told of every event that is parked, or no longer is. */
export class ParkedTotals {
  readonly #find: StatementSync
  readonly #sum: StatementSync
  readonly #add: StatementSync
  /** By source, as far as it was read or changed in this transaction. */
  readonly #hasAny = new Map<string, boolean>()

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT bytes FROM parked WHERE source = ? AND events > 0')
    this.#sum = database.prepare('SELECT sum(events) AS events, sum(bytes) AS bytes FROM parked')
    this.#add = database.prepare(`
      INSERT INTO parked (source, events, bytes) VALUES (?, ?, ?)
      ON CONFLICT (source) DO UPDATE SET events = events + excluded.events, bytes = bytes + excluded.bytes`)
  }

  /** Call it at the beginning of each transaction. */
  begin(): void {
    this.#hasAny.clear()
  }

  /** Whether anything of a source may be parked. Reads once per transaction. Only call it in one. */
  mayHaveAny(source: string): boolean {
    let hasAny = this.#hasAny.get(source)
    if (hasAny === undefined) {
      hasAny = this.bytesOf(source) !== undefined
      this.#hasAny.set(source, hasAny)
    }
    return hasAny
  }

  /** The bytes of all bodies together. Undefined where nothing is parked. */
  bytesOf(source: string): number | undefined {
    return this.#find.get(source)?.bytes as number | undefined
  }

  /** Roughly the bytes that all parked events take up in the file. Bodies fill pages up to two thirds; a row and its index entries take about 330 bytes. */
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
