import type { Notes } from '../../contracts/inbox/notes.ts'
import type { MemorySpan } from './memory-span.ts'
import { overlapMs, type UnfinishedReading } from './read-list.ts'

/** How far reconciling has come. It is stored, as it outlives a process. */
export interface Place {
  /** Only what ended since then is taken on, in milliseconds since 1970. */
  readonly since: number
  /** When the last pass began, in milliseconds since 1970 by the clock of its process. */
  readonly beganAt: number
  /** By list: what was created before this time is settled, in milliseconds since 1970 by the provider's clock. In a list without an entry, nothing is settled. */
  readonly floors: Readonly<Record<string, number>>
  /** By list: the floor that its last reading has found. The next reading must confirm it, so that an item that was missed once is found by the second. */
  readonly found?: Readonly<Record<string, number>> | undefined
  readonly memory?: MemorySpan | undefined
  /** Where the time was over. The next pass begins there, so that a round that takes longer than one pass is finished. */
  readonly unfinished?:
    | { readonly list: string; readonly reading?: UnfinishedReading | undefined }
    | undefined
}

/** What a kept place is compared with, in milliseconds since 1970. */
interface Times {
  readonly now: number
  /** When this receiver was made. */
  readonly startedAt: number
  /** What the application asks for. */
  readonly from: number | undefined
}

/** A kept place, as far as it can be relied on. The lists are read again where something may have been left out. */
export function placeNow(kept: Place, { now, startedAt, from }: Times): Place {
  const wasAhead = now < kept.beganAt - overlapMs // by its clock, the last pass has taken for old what was not
  if (from !== undefined && from < kept.since) return readAgain({ ...kept, since: from }) // what ended in between was left out
  const place = wasAhead ? readAgain(kept) : kept
  if (from !== undefined || now >= kept.since) return place
  return { ...place, since: Math.min(now, startedAt) } // the clock of the first start was ahead
}

function readAgain(place: Place): Place {
  return { ...place, floors: {}, found: {}, unfinished: undefined }
}

/** The place of a source, in the notes of an inbox. Only the process with the lead writes it. */
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

  /** Whoever writes has the lead, so the newest note is the one to replace. */
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
