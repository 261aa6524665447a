import type { Clock } from '../contracts/clock.ts'
import type { Notes } from '../contracts/inbox/notes.ts'

export interface Totals {
  readonly fulfilled: number
  readonly overdue: number
  /** When the first of them was counted, in milliseconds since 1970. Undefined where none was. */
  readonly since?: number | undefined
}

type Concluded = 'fulfilled' | 'overdue'

const mostAttempts = 100

/**
 * Counts fulfilled and overdue expectations in the notes of the inbox, for all processes that share it. It counts before the verdict is
 * stored, so an expectation is counted twice if the process dies in between.
 */
export class ExpectationTotals {
  readonly #notes: Notes
  readonly #name: string
  readonly #clock: Pick<Clock, 'now'>
  #uncounted: Totals = { fulfilled: 0, overdue: 0 }
  #writing: Promise<void> | undefined

  constructor(notes: Notes, source: string, clock: Pick<Clock, 'now'>) {
    this.#notes = notes
    this.#name = `expected:${source}`
    this.#clock = clock
  }

  async read(): Promise<Totals> {
    return totalsIn((await this.#notes.read(this.#name))?.text)
  }

  /** Resolves once it is counted. If the inbox fails, it is counted with the next one. */
  async add(concluded: Concluded): Promise<void> {
    this.#uncounted = { ...this.#uncounted, [concluded]: this.#uncounted[concluded] + 1 }
    this.#writing ??= this.#write()
    await this.#writing.catch(() => {})
  }

  /** Counts that arrive during a write are written together. What comes once it has looked for the last time begins another. */
  async #write(): Promise<void> {
    try {
      while (this.#uncounted.fulfilled + this.#uncounted.overdue > 0) await this.#writeUncounted()
    } finally {
      this.#writing = undefined
    }
  }

  async #writeUncounted(): Promise<void> {
    const added = this.#uncounted
    this.#uncounted = { fulfilled: 0, overdue: 0 }
    try {
      await this.#writeOnce(added)
    } catch (error) {
      this.#uncounted = sum(this.#uncounted, added)
      throw error
    }
  }

  /** If another process has changed the note meanwhile, it is read again. */
  async #writeOnce(added: Totals): Promise<void> {
    for (let attempt = 1; attempt <= mostAttempts; attempt++) {
      const note = await this.#notes.read(this.#name)
      const before = totalsIn(note?.text)
      const totals = { ...sum(before, added), since: before.since ?? this.#clock.now() }
      if (await this.#notes.write(this.#name, JSON.stringify(totals), note?.version)) return
    }
    throw new Error(
      'the totals could not be written: other processes changed them at the same time in every attempt',
    )
  }
}

function sum(some: Totals, others: Totals): Totals {
  return { fulfilled: some.fulfilled + others.fulfilled, overdue: some.overdue + others.overdue }
}

function totalsIn(text: string | undefined): Totals {
  const none = { fulfilled: 0, overdue: 0 }
  try {
    const totals = JSON.parse(text ?? '') as Totals
    return Number.isSafeInteger(totals.fulfilled) && Number.isSafeInteger(totals.overdue) ? totals : none
  } catch {
    return none
  }
}
