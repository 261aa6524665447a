import type { DatabaseSync } from 'node:sqlite'

/**
 * The layout of version 5: what processes tell each other beside events.
 *
 * - `notes`: short texts by their names. `version` is another one after every write.
 * - `leads`: who does what one process does at a time. `lease_until` is in elapsed time; where it is further off than `lease_ms`, another boot has
 *   measured it, and the lease is over.
 */
export function fifthLayout(database: DatabaseSync): void {
  database.exec(`
    CREATE TABLE notes (name TEXT PRIMARY KEY, text TEXT NOT NULL, version TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE leads (work TEXT PRIMARY KEY, holder TEXT NOT NULL, lease_until REAL NOT NULL, lease_ms REAL NOT NULL) STRICT, WITHOUT ROWID;`)
}
