import type { Tables } from './tables.ts'

/** Which events stand in the line of an order key. Text for text the condition of an index. */
export const isInLine = `(rest IS NULL OR rest = 'behind')`

/**
 * The layout of version 2: what processes tell each other beside events; events in order; and those that are handled and kept.
 *
 * - `notes`: short texts by their names. `version` is another one after every write.
 * - `leads`: who does what one process does at a time, until `lease_until` by the server's time.
 * - `events`: of each order key one has no `rest`, and is due, leased or scheduled; the others that can be handled are `behind`. `begun`: the one in front was
 *   handed out, and so holds the key. Who puts an event of a key, or ends one, has the advisory lock of the key. `rest` can be `handled`:
 *   `rested_at` is when that one is deleted then.
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
