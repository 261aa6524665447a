import type { DatabaseSync } from 'node:sqlite'
import { isForWhoWantsIt } from './third-layout.ts'

/** The events in the line of an order key. It must be the exact text of an index's condition, like `isForWhoWantsIt`. */
export const isInLine = `(rest IS NULL OR rest = 'behind')`

/**
 * The layout of version 5: notes and leads; events in order; handled events that are kept.
 *
 * - `notes`: short texts by name. `version` changes with every write.
 * - `leads`: who does the work that one process does at a time. `lease_until` is elapsed time. If it is further away than `lease_ms`, it was measured
 * in another boot, and the lease is over.
 * - `events`: of each order key one event has no `rest`, and is due, leased or scheduled. The others that can be handled are `behind`. `begun` is 1
 * where the one in front was handed out, and so holds the key. `rest` can also be `handled`; then `rested_at` is when the event is deleted. The other
 * columns keep their meaning.
 * - `newest`: what verdicts have left to later events of an order key, until `forgotten_at`.
 */
export function fifthLayout(database: DatabaseSync): void {
  const columns = `sequence, key, source, tenant, id, type, created_at, received_at, fingerprint, due_at, delay_ms, lease_token, alone,
    suspect, rest, rested_at, attempt, interruptions, interrupted_alone, until_wanted, order_key, more, progress, failures, raw_body`
  database.exec(`
    CREATE TABLE notes (name TEXT PRIMARY KEY, text TEXT NOT NULL, version TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE leads (work TEXT PRIMARY KEY, holder TEXT NOT NULL, lease_until REAL NOT NULL, lease_ms REAL NOT NULL) STRICT, WITHOUT ROWID;

    DROP INDEX events_by_due_at;
    DROP INDEX events_by_rest;
    DROP INDEX events_until_wanted;
    ALTER TABLE events RENAME TO old_events;
    CREATE TABLE events (
      sequence INTEGER PRIMARY KEY,
      key TEXT NOT NULL,
      source TEXT NOT NULL,
      tenant TEXT,
      id TEXT NOT NULL,
      type TEXT NOT NULL,
      created_at REAL NOT NULL,
      received_at REAL NOT NULL,
      fingerprint INTEGER NOT NULL,
      due_at REAL,
      delay_ms REAL NOT NULL DEFAULT 0,
      lease_token TEXT,
      alone INTEGER NOT NULL DEFAULT 0,
      suspect INTEGER NOT NULL DEFAULT 0,
      rest TEXT CHECK (rest = 'dead' OR rest = 'parked' OR rest = 'behind' OR rest = 'handled'),
      rested_at REAL,
      attempt INTEGER NOT NULL DEFAULT 1,
      interruptions INTEGER NOT NULL DEFAULT 0,
      interrupted_alone INTEGER NOT NULL DEFAULT 0,
      until_wanted INTEGER NOT NULL DEFAULT 0,
      order_key TEXT,
      order_rank REAL NOT NULL DEFAULT 0,
      begun INTEGER NOT NULL DEFAULT 0,
      more TEXT,
      progress TEXT,
      failures TEXT,
      raw_body BLOB,
      CHECK ((due_at IS NULL) <> (rest IS NULL))
    ) STRICT;
    INSERT INTO events (${columns}) SELECT ${columns} FROM old_events;
    DROP TABLE old_events;
    CREATE INDEX aliases_of_reconciled ON aliases (name) WHERE reconciled = 1;
    CREATE INDEX events_by_due_at ON events (source, suspect, due_at) WHERE due_at IS NOT NULL;
    CREATE INDEX events_by_rest ON events (rest, rested_at, source) WHERE rest IS NOT NULL;
    CREATE INDEX events_until_wanted ON events (source, type) WHERE ${isForWhoWantsIt};
    CREATE INDEX events_by_order ON events (source, order_key, begun, created_at, order_rank) WHERE order_key IS NOT NULL AND ${isInLine};

    CREATE TABLE newest (
      source TEXT NOT NULL,
      order_key TEXT NOT NULL,
      handlers TEXT NOT NULL,
      forgotten_at REAL NOT NULL,
      PRIMARY KEY (source, order_key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX newest_by_forgotten_at ON newest (forgotten_at);`)
}
