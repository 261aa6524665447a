import type { DatabaseSync } from 'node:sqlite'

/**
 * The events that wait for a process that has a handler for their type. It must be the exact text of an index's condition: SQLite only uses the index
 * where it finds that condition in a statement.
 */
export const isForWhoWantsIt = `(rest = 'parked' OR until_wanted = 1)`

/** The layout of version 3. In `events`, `until_wanted` is 1 where an event is scheduled, and a process that has a handler for its type need not wait. */
export function thirdLayout(database: DatabaseSync): void {
  database.exec(`
    ALTER TABLE events ADD COLUMN until_wanted INTEGER NOT NULL DEFAULT 0;
    DROP INDEX events_parked;
    CREATE INDEX events_until_wanted ON events (source, type) WHERE ${isForWhoWantsIt};`)
}
