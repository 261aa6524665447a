import type { Clock } from '../../contracts/clock.ts'
import type { Inbox } from '../../contracts/inbox/inbox.ts'
import { isNamed } from '../../contracts/inbox/progress.ts'
import type { Logger } from '../../contracts/logger.ts'
import type { Pause } from '../../contracts/receiver/pause.ts'
import { isPromise } from '../../time/awaitable.ts'
import { settledWithin } from '../../time/deadlines.ts'
import { timersEndWithRequest } from '../../time/timers-end-with-request.ts'
import { noteName, readPauses } from './pause-note.ts'

/** The note is read again after the first of these times, and what was read is not trusted after the second. So a pause is seen within 5 s. */
const lookAfterMs = 2_000
const staleAfterMs = 4_000
/** An event of a paused handler is tried again after a quarter of the time for which the handler has been paused, within these bounds. */
const waitMs = { least: 5_000, most: 60_000 }

const trouble = "no event is handled, as the inbox can't be asked what is paused"

interface PausesTools {
  readonly inbox: Pick<Inbox, 'notes'>
  /** Name of the receiver. */
  readonly name: string
  readonly clock: Required<Clock>
  readonly logger: Logger
}

/**
 * What this process knows of a receiver's pauses. It reads the note when events are taken, so it reads nothing while there is nothing to
 * do. While the whole receiver is paused, a timer makes it read.
 */
export class Pauses {
  readonly #tools: PausesTools
  #pauses: readonly Pause[] = []
  #text: string | undefined
  /** As of when what the note says is known, and when reading it was last tried. */
  #seenAt = Number.NEGATIVE_INFINITY
  #triedAt = Number.NEGATIVE_INFINITY
  #looking: Promise<void> | undefined
  #cancel: (() => void) | undefined
  #heldBack = 0
  #trouble: unknown
  /** Nothing is handed out, as the note can't be read, and the log says so. */
  #hasComplained = false
  #whenTried: (() => void)[] = []
  readonly #listeners = new Set<() => void>()

  constructor(tools: PausesTools) {
    this.#tools = tools
  }

  /** Whether no event of the receiver may be handed out now: it is paused, or the note must be read first. */
  get isAllPaused(): boolean {
    const now = this.#tools.clock.elapsed()
    if (now - this.#triedAt >= lookAfterMs) void this.#look()
    if (!this.#isStaleAt(now)) return this.#isAll
    this.#heldBack += 1
    return true
  }

  /** How often nothing was handed out because the note had to be read first. */
  get heldBack(): number {
    return this.#heldBack
  }

  /** Why the note could not be read when that was last tried. Undefined if it could. */
  get trouble(): unknown {
    return this.#trouble
  }

  get areAny(): boolean {
    return this.#pauses.length > 0
  }

  /** How long an event waits for a paused handler, in milliseconds. Undefined if the handler is not paused. */
  waitOf(name: string): number | undefined {
    const pause = this.#pauses.find(({ handler }) => handler === undefined || isNamed(name, handler))
    if (pause === undefined) return undefined
    if (pause.handler === undefined) return waitMs.least // nothing is handed out any more, here and soon in all processes
    const pausedMs = this.#tools.clock.now() - pause.since
    return Math.min(waitMs.most, Math.max(waitMs.least, pausedMs / 4))
  }

  /** Calls `onChange` when more events may be handed out than before. Call what it returns to stop that. */
  watch(onChange: () => void): () => void {
    this.#listeners.add(onChange)
    if (this.#isAll) this.#lookLater()
    return () => {
      this.#listeners.delete(onChange)
      if (this.#listeners.size === 0) {
        this.#cancel?.()
        this.#hasComplained = false // whoever comes next, such as another drain, handles nothing either
      }
      this.#hasTried()
    }
  }

  /** Reads the note if needed, and says whether it could be read. If not, no event is handed out. */
  async known(): Promise<boolean> {
    if (this.isAllPaused) await this.#looked()
    return !this.#isStale
  }

  /** Resolves once reading the note was tried again, or something that watches has left. */
  triedAgain(): Promise<void> {
    if (this.#looking === undefined) this.#lookLater()
    return new Promise((resolve) => this.#whenTried.push(resolve))
  }

  /** Reads the note after this process has changed it. */
  async look(): Promise<void> {
    await this.#looked() // it may have begun before
    await this.#look()
  }

  /** Waits for the reading that is under way. Where timers end with their request, one whose request has ended never ends, and is given up. */
  async #looked(): Promise<void> {
    const looking = this.#looking
    if (looking === undefined || !timersEndWithRequest()) return looking
    const giveUp = () => {
      if (this.#looking === looking) this.#looking = undefined
      return new Error('its request has ended')
    }
    await settledWithin(looking, staleAfterMs, this.#tools.clock, { onTimeout: giveUp }).catch(() => {})
  }

  get #isStale(): boolean {
    return this.#isStaleAt(this.#tools.clock.elapsed())
  }

  #isStaleAt(now: number): boolean {
    return now - this.#seenAt >= staleAfterMs
  }

  get #isAll(): boolean {
    return this.#pauses.some(({ handler }) => handler === undefined)
  }

  #look(): Promise<void> | undefined {
    const { inbox, name, clock } = this.#tools
    if (this.#looking && clock.elapsed() - this.#triedAt < staleAfterMs) return this.#looking
    const askedAt = clock.elapsed()
    this.#triedAt = askedAt
    const onTimeout = () => new Error(`the inbox did not answer within ${staleAfterMs} ms`)
    try {
      const note = inbox.notes?.read(noteName(name))
      if (!isPromise(note)) this.#saw(note?.text, askedAt)
      else {
        const looking = settledWithin(note, staleAfterMs, clock, { onTimeout })
          .then((note) => this.#saw(note?.text, askedAt))
          .catch((err) => this.#failed(err))
          .finally(() => {
            if (this.#looking === looking) this.#looking = undefined
          })
        this.#looking = looking
      }
    } catch (err) {
      this.#failed(err)
    }
    return this.#looking
  }

  /** What was read may be as old as the question. */
  #saw(text: string | undefined, askedAt: number): void {
    const wasHeld = this.#isStale || this.#isAll
    if (text !== this.#text) this.#pauses = readPauses(text)
    this.#text = text
    this.#seenAt = askedAt
    this.#trouble = undefined
    this.#settleComplaint()
    if (this.#isAll) this.#lookLater()
    else if (wasHeld) this.#tell()
    this.#hasTried()
  }

  /** In a microtask, so that the caller gets its answer first. */
  #tell(): void {
    queueMicrotask(() => {
      for (const tell of this.#listeners) tell()
    })
  }

  /** What was read before stays valid for a moment. After that nothing is handed out. The inbox is not asked for work then, so nothing else reports it. */
  #failed(err: unknown): void {
    this.#trouble = err
    if (this.#isStale && this.#listeners.size > 0 && !this.#hasComplained) {
      this.#hasComplained = true
      this.#tools.logger.error({ err, source: this.#tools.name }, trouble)
    }
    this.#lookLater()
    this.#hasTried()
  }

  #settleComplaint(): void {
    if (!this.#hasComplained) return
    this.#hasComplained = false
    this.#tools.logger.warn({ source: this.#tools.name }, `${trouble}: this is over`)
  }

  #hasTried(): void {
    for (const resolve of this.#whenTried.splice(0)) resolve()
  }

  #lookLater(): void {
    if (this.#listeners.size === 0) return
    this.#cancel?.()
    this.#cancel = this.#tools.clock.after(lookAfterMs, () => void this.#look(), { background: true })
  }
}
