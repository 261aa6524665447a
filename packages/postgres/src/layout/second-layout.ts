import type { Tables } from './tables.ts'

/** The events in the line of an order key. It must be the exact text of an index's condition. */
export const isInLine = `(rest IS NULL OR rest = 'behind')`

/**
 * The layout of version 2: notes and leads; events in order; handled events that are kept.
 *
 * - `notes`: short texts by name. `version` changes with every write.
 * - `leads`: who does the work that one process does at a time, until `lease_until` by the server's time.
 * - `events`: of each order key one event has no `rest`, and is due, leased or scheduled. The others that can be handled are `behind`. `begun`: the
 * one in front was handed out, and so holds the key. Whoever puts an event of a key, or ends one, has the advisory lock of the key. `rest` can also
 * be `handled`; then `rested_at` is when the event is deleted.
 * - `newest`: what verdicts have left to later events of an order key, until `forgotten_at`.
 */
export function secondLayout({ notes, leads, events, newest }: Tables): string {
  return `
CREATE TABLE ${notes} (
  name text COLLATE "C" PRIMARY KEY,
  text text NOT NULL,
  version uuid NOT NULL
);
CREATE TABLE ${leads} (
  work text COLLATE "C" PRIMARY KEY,
  holder text NOT NULL,
  lease_until float8 NOT NULL
);

ALTER TABLE ${events} ADD COLUMN order_rank float8 NOT NULL DEFAULT 0, ADD COLUMN begun boolean NOT NULL DEFAULT false,
  DROP CONSTRAINT events_rest_check, ADD CONSTRAINT events_rest_check CHECK (rest IN ('dead', 'parked', 'handled', 'behind'));
CREATE INDEX events_by_order ON ${events} (source, order_key, begun DESC, created_at, order_rank, sequence)
  WHERE order_key IS NOT NULL AND ${isInLine};
CREATE INDEX events_handled ON ${events} (rested_at) WHERE rest = 'handled';
CREATE INDEX events_listed ON ${events} (rest, sequence) WHERE rest IN ('dead', 'parked', 'handled');

CREATE TABLE ${newest} (
  source text COLLATE "C" NOT NULL,
  order_key text COLLATE "C" NOT NULL,
  handlers text NOT NULL,
  forgotten_at float8 NOT NULL,
  PRIMARY KEY (source, order_key)
);
CREATE INDEX newest_by_forgotten_at ON ${newest} (forgotten_at);
`
}
