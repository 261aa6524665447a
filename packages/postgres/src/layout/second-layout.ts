import type { Tables } from './tables.ts'

/**
 * The layout of version 2: what processes tell each other beside events.
 *
 * - `notes`: short texts by their names. `version` is another one after every write.
 * - `leads`: who does what one process does at a time, until `lease_until` by the server's time.
 */
export function secondLayout({ notes, leads }: Tables): string {
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
`
}
