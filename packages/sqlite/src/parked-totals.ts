import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** How much is parked of each source. Told of every event that is parked, or no longer is. */
export class ParkedTotals {
  readonly #find: StatementSync
  readonly #add: StatementSync

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT bytes FROM parked WHERE source = ? AND events > 0')
    this.#add = database.prepare(`
      INSERT INTO parked (source, events, bytes) VALUES (?, ?, ?)
      ON CONFLICT (source) DO UPDATE SET events = events + excluded.events, bytes = bytes + excluded.bytes`)
  }

  /** Of all bodies together; undefined where nothing is parked. */
  bytesOf(source: string): number | undefined {
    return this.#find.get(source)?.bytes as number | undefined
  }

  add(source: string, bodyBytes: number): void {
    this.#add.run(source, 1, bodyBytes)
  }

  remove(source: string, bodyBytes: number): void {
    this.#add.run(source, -1, -bodyBytes)
  }
}
