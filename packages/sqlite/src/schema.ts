import type { DatabaseSync } from 'node:sqlite'
import { SqliteFileError } from './sqlite-file-error.ts'

/** `hook` in ASCII: in the header of every file that is ours. */
const applicationId = 0x686f6f6b

/**
 * Step N brings a file from version N to version N + 1 (`PRAGMA user_version`). A step that was released is never changed:
 * a change of the schema is a new step.
 *
 * Times are REAL, as an injected clock may count parts of milliseconds; whole numbers take up no more than as INTEGER.
 *
 * - `ids`: keys that were taken on, forgotten at `until`. Apart from `events`, so that a handled event leaves nothing else.
 * - `events`: what is not handled yet, and the dead letters. `ready_at` is when a consumer may take the event next: since it
 *   was put, at its retry, or, while `token` is set, when its lease runs out. NULL once dead.
 * - `bodies`: apart, so that taking an event up or listing it doesn't rewrite or read its body.
 * - `claims`: leases on events that are handled before they are acknowledged; `lease_until` is 0 once released.
 */
const steps: readonly string[] = [
  `
  CREATE TABLE ids (key TEXT PRIMARY KEY, fingerprint INTEGER NOT NULL, until REAL NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX ids_by_until ON ids (until);

  CREATE TABLE events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    provider TEXT NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    created_at REAL NOT NULL,
    received_at REAL NOT NULL,
    fingerprint INTEGER NOT NULL,
    ready_at REAL,
    token TEXT,
    attempt INTEGER NOT NULL DEFAULT 1,
    interruptions INTEGER NOT NULL DEFAULT 0,
    progress TEXT NOT NULL,
    failures TEXT NOT NULL DEFAULT '[]',
    died_at REAL
  ) STRICT;
  CREATE INDEX events_by_ready_at ON events (provider, ready_at) WHERE ready_at IS NOT NULL;
  CREATE INDEX events_by_died_at ON events (died_at) WHERE died_at IS NOT NULL;

  CREATE TABLE bodies (sequence INTEGER PRIMARY KEY, raw_body BLOB NOT NULL) STRICT;

  CREATE TABLE claims (
    key TEXT PRIMARY KEY,
    token TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    progress TEXT NOT NULL,
    lease_until REAL NOT NULL,
    until REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX claims_by_until ON claims (until);
  `,
]

export const schemaVersion = steps.length

/**
 * Brings the file to the schema of this version, all steps or none.
 *
 * @throws {SqliteFileError} `newer_schema` if a newer version of the package has written it; `foreign` if it is another
 * application's.
 */
export function migrate(database: DatabaseSync, path: string, migrations: readonly string[] = steps): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    const version = readPragma(database, 'user_version')
    assertOurs(database, path)
    assertNotNewer(version, migrations.length, path)
    for (const step of migrations.slice(version)) database.exec(step)
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migrations.length}`)
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

export function readPragma(database: DatabaseSync, name: string): number {
  return Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0])
}

function assertOurs(database: DatabaseSync, path: string): void {
  const id = readPragma(database, 'application_id')
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
  if (id === applicationId || (id === 0 && isEmpty)) return
  throw new SqliteFileError(
    'foreign',
    path,
    'is the database of another application: give hookport a file of its own',
  )
}

function assertNotNewer(version: number, known: number, path: string): void {
  if (version <= known) return
  throw new SqliteFileError(
    'newer_schema',
    path,
    `has schema version ${version}, and this version of @hookport/sqlite knows ${known}: update the package. A file is never brought back to an older version`,
  )
}
