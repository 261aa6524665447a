import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { EventRecord, PutResult } from '@hookport/core'
import type { Aliases } from './aliases.ts'
import { isKept } from './is-kept.ts'

type Duplicate = Extract<PutResult, { readonly outcome: 'duplicate' }>

const otherName: Duplicate = { outcome: 'duplicate', conflict: false }

/** The keys that were taken on. Each is forgotten at its time, but not while its event is kept. */
export class RememberedIds {
  readonly #aliases: Aliases
  readonly #find: StatementSync
  readonly #remember: StatementSync
  readonly #takeOn: StatementSync

  constructor(database: DatabaseSync, aliases: Aliases) {
    this.#aliases = aliases
    this.#find = database.prepare(
      `SELECT fingerprint FROM ids WHERE key = ? AND (forgotten_at > ? OR ${isKept})`,
    )
    this.#remember = database.prepare(`
      INSERT INTO ids (key, fingerprint, forgotten_at) VALUES (?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET fingerprint = excluded.fingerprint, forgotten_at = excluded.forgotten_at`)
    this.#takeOn = database.prepare(`
      INSERT INTO ids (key, fingerprint, forgotten_at, sequence) VALUES (?, ?, ?, ?)
      ON CONFLICT (key) DO UPDATE
        SET fingerprint = excluded.fingerprint, forgotten_at = excluded.forgotten_at, sequence = excluded.sequence
        WHERE ids.forgotten_at <= ? AND NOT ${isKept}`)
  }

  /** The answer to a put, if the event was taken on before by its key or another name, and is remembered at `now` or kept. */
  find(event: EventRecord, now: number): Duplicate | undefined {
    const fingerprint = this.#find.get(event.key, now)?.fingerprint
    if (fingerprint !== undefined) {
      const isOther = fingerprint !== event.fingerprint && event.origin === 'delivery'
      return { outcome: 'duplicate', conflict: isOther && !this.#aliases.isReconciled(event.key) }
    }
    return this.#aliases.isKnown(event, now) ? otherName : undefined
  }

  /** Remembers an event that is not kept. Its other names are those that its claim has left. */
  remember({ key, fingerprint }: EventRecord, until: number): void {
    this.#remember.run(key, fingerprint, until)
  }

  /** Remembers an event that is now kept. Where it was taken on before, it answers as `find` does and changes nothing. */
  takeOn(event: EventRecord, until: number, sequence: number, now: number): Duplicate | undefined {
    if (this.#aliases.isKnown(event, now)) return otherName
    const isNew = this.#takeOn.run(event.key, event.fingerprint, until, sequence, now).changes === 1
    if (!isNew) return this.find(event, now)
    this.#aliases.remember(event)
    return undefined
  }
}
