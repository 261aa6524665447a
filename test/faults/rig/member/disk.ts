import { DatabaseSync } from 'node:sqlite'

/** The connections of this process. */
const databases = new Set<DatabaseSync>()

/** Takes note of every connection that is opened, which SQLite's own bound on the size of a file is set on. To be called before any is. */
export function watchDatabases(): void {
  const { exec } = DatabaseSync.prototype
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
    databases.add(this)
    return exec.call(this, sql)
  }
}

/** Files can't grow from now on, as on a full disk, or can again. */
export function setDiskFull(isFull: boolean): void {
  for (const database of databases) {
    try {
      const pages = isFull ? Number(database.prepare('PRAGMA page_count').get()?.page_count) : 2 ** 31
      database.exec(`PRAGMA max_page_count = ${pages}`)
    } catch {
      databases.delete(database) // it was closed
    }
  }
}
