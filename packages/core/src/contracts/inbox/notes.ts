/** A short text under a name. */
export interface Note {
  readonly name: string
  readonly text: string
  /** Another one after every write, whoever wrote. */
  readonly version: string
}

/**
 * What processes over one store tell each other beside events: short texts, some hundreds of them at the most, and who does what one of them
 * does at a time. As safe as the events of the inbox.
 *
 * Names have letters, digits and `._:@~-`, 500 bytes at the most. Texts are JSON, or anything else without NUL and lone surrogates.
 */
export interface Notes {
  /** Undefined where there is none. */
  read(name: string): Note | undefined | Promise<Note | undefined>
  /** Those whose names begin so, in the order of their names. */
  list(prefix: string): readonly Note[] | Promise<readonly Note[]>
  /**
   * Writes a note, or takes it away where `text` is undefined, if it is still the one that was read.
   *
   * @param version of the note as it was read; undefined where there was none.
   * @returns false, with nothing changed, where it is another by now.
   */
  write(name: string, text: string | undefined, version: string | undefined): boolean | Promise<boolean>
  /**
   * Takes the lead in some work, or keeps it: the lease runs for `leaseMs` from now on, by the time of the store.
   *
   * @param holder a name that no other process has.
   * @returns false, with nothing changed, where another holds it.
   */
  lead(work: string, holder: string, leaseMs: number): boolean | Promise<boolean>
  /** Ends the lead, where `holder` has it. */
  resign(work: string, holder: string): void | Promise<void>
}
