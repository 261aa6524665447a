import type { DatabaseSync } from 'node:sqlite'
import { interruptionsUntilAlone } from '@hookport/core/inbox-kit'
import type { Moment } from '../file/file-time.ts'
import { shortBodyBytes } from './event-row.ts'

/** There is no steady time without an anchor. */
export type MigrationMoment = Pick<Moment, 'wall' | 'elapsed'>

/**
 * The layout of version 2.
 *
 * Times that end in `_at` are steady: see `FileTime`. Those of leases and delays, `due_at` and `lease_until`, are elapsed time, each with its length
 * beside it. If one is further away than its length, it was measured in another boot of the machine, and is over. Times are REAL, as an injected
 * clock may count fractions of milliseconds. Whole numbers take no more room than as INTEGER.
 *
 * - `ids`: keys that were taken on, forgotten at `forgotten_at`, but not while the event is kept. Separate from `events`, so that a handled event
 * leaves nothing else. The only index by key: keys come in random order, so each put writes one page of the log for it. The row is not touched again
 * before the key is forgotten. So `sequence` says where the event is or was; another event, of another key, may be there by now.
 * - `expiries`: when to check whether an id is forgotten. Written when an event is no longer kept, in the order of time.
 * - `aliases`: other names of events that were taken on, and the keys of reconciled ones. Remembered as long as the id `key` is.
 * - `events`: the kept events. `due_at` is when a consumer may take the event next: when it was put, at its retry (`delay_ms` after it was set), or,
 * while `lease_token` is set, when its lease runs out. It is NULL for events at rest: `rest` is their state, since `rested_at`. `suspect`: the next
 * turn has to run alone. `alone`: the current turn runs alone. `more`: fields of an `EventRecord` that few events have, as JSON. `progress` and
 * `failures` are NULL where there are none. `forgotten_at` is that of its id.
 * - `bodies`: long bodies. Short ones are in the row: a separate tree costs more than writing them again when the event is taken.
 * - `parked`: how much is parked for each source. With triggers a put would take half as long again.
 * - `claims`: leases on events that are handled before they are acknowledged; `lease_until` is 0 once released.
 * - `anchor`: one instant on all clocks.
 *
 * Some columns have new names so that the statements of version 1 fail in a process that still runs it.
 */
const layout = `
  DROP INDEX ids_by_until;
  ALTER TABLE ids RENAME COLUMN until TO forgotten_at;
  ALTER TABLE ids ADD COLUMN sequence INTEGER;
  CREATE TABLE expiries (at REAL NOT NULL, key TEXT NOT NULL, PRIMARY KEY (at, key)) STRICT, WITHOUT ROWID;
  INSERT INTO expiries SELECT forgotten_at, key FROM ids WHERE key NOT IN (SELECT key FROM events);

  CREATE TABLE aliases (
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    reconciled INTEGER NOT NULL,
    PRIMARY KEY (name, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX aliases_by_key ON aliases (key);

  ALTER TABLE events RENAME TO old_events;
  DROP INDEX events_by_ready_at;
  DROP INDEX events_by_died_at;
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
    forgotten_at REAL NOT NULL,
    due_at REAL,
    delay_ms REAL NOT NULL DEFAULT 0,
    lease_token TEXT,
    alone INTEGER NOT NULL DEFAULT 0,
    suspect INTEGER NOT NULL DEFAULT 0,
    rest TEXT CHECK (rest IN ('dead', 'parked', 'handled')),
    rested_at REAL,
    attempt INTEGER NOT NULL DEFAULT 1,
    interruptions INTEGER NOT NULL DEFAULT 0,
    interrupted_alone INTEGER NOT NULL DEFAULT 0,
    order_key TEXT,
    more TEXT,
    progress TEXT,
    failures TEXT,
    raw_body BLOB,
    CHECK ((due_at IS NULL) <> (rest IS NULL))
  ) STRICT;
  CREATE INDEX events_by_due_at ON events (source, suspect, due_at) WHERE due_at IS NOT NULL;
  CREATE INDEX events_by_rest ON events (rest, rested_at, source) WHERE rest IS NOT NULL;
  CREATE INDEX events_parked ON events (source, type) WHERE rest = 'parked';

  CREATE TABLE parked (
    source TEXT PRIMARY KEY,
    events INTEGER NOT NULL,
    bytes INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  DROP INDEX claims_by_until;
  ALTER TABLE claims RENAME COLUMN until TO forgotten_at;
  ALTER TABLE claims ADD COLUMN lease_ms REAL NOT NULL DEFAULT 0;
  CREATE INDEX claims_by_forgotten_at ON claims (forgotten_at);

  CREATE TABLE anchor (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    steady REAL NOT NULL,
    wall REAL NOT NULL,
    elapsed REAL NOT NULL
  ) STRICT;
`

/** Version 1 only had wall time. Its leases and waits continue, at most for their length, in case the clock was set since. */
export function secondLayout(database: DatabaseSync, { wall, elapsed }: MigrationMoment): void {
  database.exec(layout)
  database
    .prepare(`
      INSERT INTO events (sequence, key, source, id, type, created_at, received_at, fingerprint, forgotten_at,
        due_at, delay_ms, lease_token, suspect,
        rest, rested_at, attempt, interruptions, progress, failures, raw_body)
      SELECT sequence, key, provider, id, type, created_at, received_at, fingerprint,
        coalesce((SELECT forgotten_at FROM ids WHERE ids.key = old_events.key), 0),
        CASE WHEN ready_at IS NOT NULL THEN :elapsed + max(0, ready_at - :wall) END,
        CASE WHEN ready_at > :wall THEN ready_at - :wall ELSE 0 END,
        token,
        interruptions + (token IS NOT NULL) >= ${interruptionsUntilAlone},
        CASE WHEN ready_at IS NULL THEN 'dead' END,
        died_at, attempt, interruptions,
        nullif(progress, '{"completed":[],"abandoned":[]}'),
        nullif(failures, '[]'),
        CASE WHEN length(raw_body) <= ${shortBodyBytes} THEN raw_body END
      FROM old_events LEFT JOIN bodies USING (sequence)`)
    .run({ wall, elapsed })
  database.exec(`
    DELETE FROM bodies WHERE length(raw_body) <= ${shortBodyBytes};
    INSERT INTO ids (key, fingerprint, forgotten_at, sequence) SELECT key, fingerprint, forgotten_at, sequence FROM events WHERE true
      ON CONFLICT (key) DO UPDATE SET sequence = excluded.sequence;
    DROP TABLE old_events;`)
  database
    .prepare(
      'UPDATE claims SET lease_ms = lease_until - :wall, lease_until = lease_until - :wall + :elapsed WHERE lease_until > :wall',
    )
    .run({ wall, elapsed })
  database.prepare('UPDATE claims SET lease_until = 0 WHERE lease_ms = 0').run()
}
