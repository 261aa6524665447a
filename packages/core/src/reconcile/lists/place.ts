import type { Notes } from '../../contracts/inbox/notes.ts'
import type { MemorySpan } from './memory-span.ts'
import type { UnfinishedReading } from './read-list.ts'

/** How far reconciling has come: what outlives a process. */
export interface Place {
  /** Only what ended since then is taken on, in milliseconds since 1970. */
  readonly since: number
  /** When the last pass began, in milliseconds since 1970 of the process that made it. */
  readonly beganAt: number
  /**
   * By list: what was created before is settled, in milliseconds since 1970 of the provider. Of a list that is not in here nothing is.
   */
  readonly floors: Readonly<Record<string, number>>
  /** By list: the floor that its last reading has found, and that the next one is to confirm: what is passed over once is read once more. */
  readonly found?: Readonly<Record<string, number>> | undefined
  readonly memory?: MemorySpan | undefined
  /** Where the time was over: the next pass begins there, so that it comes to the end of what is longer than one. */
  readonly unfinished?:
    | { readonly list: string; readonly reading?: UnfinishedReading | undefined }
    | undefined
}

/** The place of a source in the notes of an inbox. Written by the one process that leads. */
export class KeptPlace {
  readonly #notes: Notes
  readonly name: string

  constructor(notes: Notes, source: string) {
    this.#notes = notes
    this.name = `reconcile:${source}`
  }

  /** Undefined at the very first start, and where the note can't be read. */
  async read(): Promise<Place | undefined> {
    return placeIn((await this.#notes.read(this.name))?.text)
  }

  /** Whoever writes has the lead, so that the newest is the one to replace. */
  async write(place: Place): Promise<void> {
    const note = await this.#notes.read(this.name)
    await this.#notes.write(this.name, JSON.stringify(place), note?.version)
  }
}

function placeIn(text: string | undefined): Place | undefined {
  try {
    const place = JSON.parse(text ?? '') as Place
    const isOne = typeof place.since === 'number' && typeof place.beganAt === 'number' && place.floors
    return isOne ? place : undefined
  } catch {
    return undefined
  }
}
