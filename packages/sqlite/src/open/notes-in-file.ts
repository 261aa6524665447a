import { randomUUID } from 'node:crypto'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Note } from '@hookport/core'
import type { Moment } from '../file/file-time.ts'

/** Notes that the processes over the file share, and their leads. */
export class NotesInFile {
  readonly #read: StatementSync
  readonly #list: StatementSync
  readonly #add: StatementSync
  readonly #change: StatementSync
  readonly #delete: StatementSync
  readonly #lead: StatementSync
  readonly #resign: StatementSync

  constructor(database: DatabaseSync) {
    this.#read = database.prepare('SELECT name, text, version FROM notes WHERE name = ?')
    this.#list = database.prepare(
      'SELECT name, text, version FROM notes WHERE name >= :prefix AND substr(name, 1, length(:prefix)) = :prefix ORDER BY name',
    )
    this.#add = database.prepare(
      'INSERT INTO notes (name, text, version) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    )
    this.#change = database.prepare(
      'UPDATE notes SET text = :text, version = :next WHERE name = :name AND version = :version',
    )
    this.#delete = database.prepare('DELETE FROM notes WHERE name = :name AND version = :version')
    this.#lead = database.prepare(`
      INSERT INTO leads (work, holder, lease_until, lease_ms) VALUES (:work, :holder, :elapsed + :leaseMs, :leaseMs)
      ON CONFLICT (work) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until, lease_ms = excluded.lease_ms
      WHERE holder = excluded.holder OR lease_until <= :elapsed OR lease_until > :elapsed + lease_ms`)
    this.#resign = database.prepare('DELETE FROM leads WHERE work = ? AND holder = ?')
  }

  read(name: string): Note | undefined {
    return this.#read.get(name) as Note | undefined
  }

  list(prefix: string): readonly Note[] {
    return this.#list.all({ prefix }) as unknown as Note[]
  }

  write(name: string, text: string | undefined, version: string | undefined): boolean {
    const next = randomUUID()
    if (version === undefined)
      return text === undefined ? !this.read(name) : this.#add.run(name, text, next).changes === 1
    const { changes } =
      text === undefined
        ? this.#delete.run({ name, version })
        : this.#change.run({ name, text, next, version })
    return changes === 1
  }

  lead(work: string, holder: string, leaseMs: number, { elapsed }: Moment): boolean {
    return this.#lead.run({ work, holder, leaseMs, elapsed }).changes === 1
  }

  resign(work: string, holder: string): void {
    this.#resign.run(work, holder)
  }
}
