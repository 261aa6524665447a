import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { resultCode, resultCodeOf } from '../file/sqlite-errors.ts'
import { syncFolder } from './open-database.ts'

/**
 * Writes a whole copy of a database to a path where there is no file yet. It has another name until it is complete: what a killed process leaves behind
 * reads as an empty database, and a new, empty inbox would be taken for the backup.
 */
export function copyInto(path: string, database: DatabaseSync): void {
  if (existsSync(path)) throw alreadyThere(path)
  const partial = `${path}.${randomUUID()}.partial`
  const copy = openSync(partial, 'wx', 0o600)
  try {
    vacuumInto(partial, path, database)
    fsyncSync(copy)
    putInPlace(partial, path)
    syncFolder(path)
  } finally {
    closeSync(copy)
    for (const left of [partial, `${partial}-journal`]) rmSync(left, { force: true })
  }
}

/** Only the copy is written: where a disk is full, it is the copy's and not that of the database. */
function vacuumInto(partial: string, path: string, database: DatabaseSync): void {
  try {
    database.prepare('VACUUM INTO ?').run(partial)
  } catch (error) {
    if (resultCodeOf(error) !== resultCode.full) throw error
    throw new Error(`the disk of ${path} is full: there is no room for the copy`, { cause: error })
  }
}

/** A link never overwrites a file. Some file systems have none. */
function putInPlace(partial: string, path: string): void {
  try {
    linkSync(partial, path)
  } catch (error) {
    if (existsSync(path)) throw error
    renameSync(partial, path)
  }
}

function alreadyThere(path: string): Error {
  return Object.assign(new Error(`EEXIST: file already exists: ${path}`), { code: 'EEXIST' })
}
