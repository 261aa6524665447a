/** A short text under a name. */
export interface Note {
  readonly name: string
  readonly text: string
  /** A new one after every write, whoever wrote. */
  readonly version: string
}

/**
 * Short texts that processes over one store share beside events, at most some hundreds, and leads: who does the work that one process does at a time.
 * They are as safe as the events of the inbox.
 *
 * Names have letters, digits and `._:@~-`, at most 500 bytes. Texts are JSON, or any other text without NUL and lone surrogates.
 */
export interface Notes {
  /** Undefined where there is none. */
  read(name: string): Note | undefined | Promise<Note | undefined>
  /** Those whose names begin with the prefix, in the order of their names. */
  list(prefix: string): readonly Note[] | Promise<readonly Note[]>
  /**
   * Writes a note, or deletes it where `text` is undefined, if it has not changed since it was read.
   *
   * @param version of the note as it was read; undefined where there was none.
   * @returns false, with nothing changed, where the note has changed.
   */
  write(name: string, text: string | undefined, version: string | undefined): boolean | Promise<boolean>
  /**
   * Takes the lead in some work, or keeps it. The lease runs for `leaseMs` from now, by the time of the store.
   *
   * @param holder a name that no other process has.
   * @returns false, with nothing changed, where another holds it.
   */
  lead(work: string, holder: string, leaseMs: number): boolean | Promise<boolean>
  /** Ends the lead, where `holder` has it. */
  resign(work: string, holder: string): void | Promise<void>
}
