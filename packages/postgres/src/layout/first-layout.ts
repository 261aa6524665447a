import type { Tables } from './tables.ts'

/**
 * The layout of version 1.
 *
 * Times are the server's (`clock_timestamp()`), in milliseconds since 1970.
 *
 * - `ids`: keys that were taken on or claimed. A key is forgotten at `forgotten_at`, but not while its event is kept. It is checked for that at
 * `prune_at`. `sequence` says where the event is or was. While `claim_token` is set, the key is only claimed: under a lease until `claim_until`, and
 * with what earlier attempts have left. Puts and claims of a key lock its row, so that they run one after another without another lock.
 * - `aliases`: other names of events that were taken on or claimed. Remembered as long as the id `key` is.
 * - `events`: the kept events. `due_at` is when a consumer may take the event next: when it was put, at its retry, or, while `lease_token` is set,
 * when its lease runs out. It is NULL for events at rest: `rest` is their state, since `rested_at`. `suspect`: the next turn has to run alone.
 * `alone`: the current turn runs alone. `last_token`: the lease of the last verdict. `until_wanted`: it is scheduled, and a process that has a
 * handler for its type need not wait. `more`: fields of an `EventRecord` that few events have, as JSON. `progress` and `failures` are NULL where
 * there are none. Ids, types and tenants are written by `encodeText`, as text in Postgres has no NUL. A type can have a megabyte, so indexes use its
 * digest.
 * - `gate`: always empty. Puts and claims lock it in a weak mode. Reconciled events are put while no one else has that lock, since their names lead
 * to rows that do not exist yet and so can't be locked.
 * - `layout`: one row. Each statement that writes checks its version, so that a process that does not know it writes nothing.
 *
 * A queue's table changes all the time, so it is vacuumed after a fixed number of dead rows, and not after a share of the backlog.
 */
export function firstLayout({ ids, aliases, events, gate, sequence }: Tables): string {
  return `
CREATE TABLE ${ids} (
  key text COLLATE "C" PRIMARY KEY,
  fingerprint bigint NOT NULL,
  forgotten_at float8 NOT NULL,
  prune_at float8 NOT NULL,
  sequence bigint,
  reconciled boolean NOT NULL,
  claim_token uuid,
  claim_until float8,
  claim_attempt integer,
  claim_progress text
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05);
CREATE INDEX ids_by_prune_at ON ${ids} (prune_at);

CREATE TABLE ${aliases} (
  name text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  PRIMARY KEY (name, key)
);
CREATE INDEX aliases_by_key ON ${aliases} (key);

CREATE SEQUENCE ${sequence};
CREATE TABLE ${events} (
  sequence bigint PRIMARY KEY,
  key text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  tenant text COLLATE "C",
  id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  created_at float8 NOT NULL,
  received_at float8 NOT NULL,
  fingerprint bigint NOT NULL,
  due_at float8,
  lease_token uuid,
  last_token uuid,
  alone boolean NOT NULL DEFAULT false,
  suspect boolean NOT NULL DEFAULT false,
  until_wanted boolean NOT NULL DEFAULT false,
  unreadable boolean NOT NULL DEFAULT false,
  rest text COLLATE "C" CHECK (rest IN ('dead', 'parked', 'handled')),
  rested_at float8,
  attempt integer NOT NULL DEFAULT 1,
  interruptions integer NOT NULL DEFAULT 0,
  interrupted_alone integer NOT NULL DEFAULT 0,
  order_key text COLLATE "C",
  more text,
  progress text,
  failures text,
  raw_body bytea NOT NULL,
  CHECK ((due_at IS NULL) <> (rest IS NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 1, autovacuum_analyze_scale_factor = 0.2, autovacuum_analyze_threshold = 5000);
CREATE INDEX events_by_due_at ON ${events} (source, suspect, due_at, sequence) WHERE due_at IS NOT NULL;
CREATE INDEX events_by_rest ON ${events} (rest, source, rested_at) WHERE rest IS NOT NULL;
CREATE INDEX events_until_wanted ON ${events} (source, md5(type), sequence) WHERE rest = 'parked' OR until_wanted;

CREATE TABLE ${gate} ();
`
}
