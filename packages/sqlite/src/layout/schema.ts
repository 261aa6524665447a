import type { DatabaseSync } from 'node:sqlite'
import { readPragma } from '../file/pragma.ts'
import { SqliteFileError } from '../file/sqlite-errors.ts'
import { fifthLayout } from './fifth-layout.ts'
import { fourthLayout } from './fourth-layout.ts'
import { type MigrationMoment, secondLayout } from './second-layout.ts'
import { thirdLayout } from './third-layout.ts'

/** `hook` in ASCII. It is in the header of every file of ours. */
const applicationId = 0x686f6f6b

/** Brings a file from one version to the next. */
export type Step = (database: DatabaseSync, moment: MigrationMoment) => void

/**
 * Step N brings a file from version N to version N + 1 (`PRAGMA user_version`). A released step is never changed: a change of the layout is a new
 * step. The meaning of a table is described in the step that created it, and in those that changed it.
 */
const steps: readonly Step[] = [
  (database) =>
    database.exec(`
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
    `),
  secondLayout,
  thirdLayout,
  fourthLayout,
  fifthLayout,
]

export const schemaVersion = steps.length

/**
 * Migrates the file to the layout of this version: all steps or none.
 *
 * @throws {SqliteFileError} `newer_schema` if a newer version of the package has written it; `foreign` if it belongs to another application.
 */
export function migrate(
  database: DatabaseSync,
  path: string,
  moment: MigrationMoment,
  migrations: readonly Step[] = steps,
): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    const version = readPragma(database, 'user_version')
    assertOurs(database, path)
    assertNotNewer(version, path)
    for (const step of migrations.slice(version)) step(database, moment)
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migrations.length}`)
    database.exec('COMMIT')
  } catch (error) {
    rollBack(database)
    throw error
  }
}

function rollBack(database: DatabaseSync): void {
  try {
    database.exec('ROLLBACK')
  } catch {
    // SQLite has rolled back by itself, as it does when the disk is full. The error that counts is the one before.
  }
}

/** @throws {SqliteFileError} `newer_schema` */
export function assertNotNewer(version: number, path: string): void {
  if (version <= schemaVersion) return
  throw new SqliteFileError(
    'newer_schema',
    path,
    `has schema version ${version}, and this version of @hookport/sqlite knows ${schemaVersion}: update the package. A file can't be migrated back to an older version`,
  )
}

/**
 * Whether it is empty is read first: another process may create the tables and the id meanwhile, together.
 *
 * @throws {SqliteFileError} `foreign`
 */
export function assertOurs(database: DatabaseSync, path: string): void {
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
  const id = readPragma(database, 'application_id')
  if (id === applicationId || (id === 0 && isEmpty)) return
  throw new SqliteFileError(
    'foreign',
    path,
    'is the database of another application: give hookport a file of its own',
  )
}
