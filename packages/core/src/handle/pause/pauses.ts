import type { Clock } from '../../contracts/clock.ts'
import type { Inbox } from '../../contracts/inbox/inbox.ts'
import { isNamed } from '../../contracts/inbox/progress.ts'
import type { Logger } from '../../contracts/logger.ts'
import type { Pause } from '../../contracts/receiver/pause.ts'
import { isPromise } from '../../time/awaitable.ts'
import { noteName, readPauses } from './pause-note.ts'

/** How often it is looked, so that a pause is seen within 5 s. */
const lookMs = 2_000
/** What a paused handler waits for is tried again after a quarter of the time that it has been paused, within these bounds. */
const waitMs = { least: 5_000, most: 60_000 }

interface PausesTools {
  readonly inbox: Pick<Inbox, 'notes'>
  /** Name of the receiver. */
  readonly name: string
  readonly clock: Required<Clock>
  readonly logger: Logger
}

/** What is paused of a receiver, as this process knows it. It looks for as long as it handles events. */
export class Pauses {
  readonly #tools: PausesTools
  #pauses: readonly Pause[] = []
  #text: string | undefined
  /** Until it has looked once, nothing is known, and nothing is begun. */
  #isKnown: boolean
  #lookedAt = Number.NEGATIVE_INFINITY
  #looking: Promise<void> | undefined
  #cancel: (() => void) | undefined
  readonly #listeners = new Set<() => void>()

  constructor(tools: PausesTools) {
    this.#tools = tools
    this.#isKnown = tools.inbox.notes === undefined
  }

  /** Whether nothing of the receiver is handled. */
  get isAllPaused(): boolean {
    this.#lookIfDue()
    return !this.#isKnown || this.#pauses.some(({ handler }) => handler === undefined)
  }

  get areAny(): boolean {
    this.#lookIfDue()
    return this.#pauses.length > 0
  }

  /** How long an event waits for a handler that is paused, in milliseconds; undefined where it is not. */
  waitOf(name: string): number | undefined {
    const pause = this.#pauses.find(({ handler }) => handler === undefined || isNamed(name, handler))
    if (pause === undefined) return undefined
    if (pause.handler === undefined) return waitMs.least // nothing is handed out any more, here or soon elsewhere
    const pausedMs = this.#tools.clock.now() - pause.since
    return Math.min(waitMs.most, Math.max(waitMs.least, pausedMs / 4))
  }

  /** Looks from now on, and tells of changes. Ends with what it returns. */
  watch(onChange: () => void): () => void {
    this.#listeners.add(onChange)
    this.#lookIfDue()
    this.#plan()
    return () => {
      this.#listeners.delete(onChange)
      if (this.#listeners.size > 0) return
      this.#cancel?.()
      this.#cancel = undefined
    }
  }

  /** Resolves once it has looked. Where it can't, nothing is handed out. */
  async known(): Promise<void> {
    if (!this.#isKnown) await (this.#looking ?? this.look())
  }

  /** What this process has changed itself it sees at once. */
  async look(): Promise<void> {
    await this.#looking // which may have begun before
    await this.#look()
  }

  /** Timers may be lost with the request that they were started in. */
  #lookIfDue(): void {
    if (this.#tools.clock.elapsed() - this.#lookedAt >= lookMs) void this.#look()
  }

  #plan(): void {
    if (this.#tools.inbox.notes === undefined) return
    this.#cancel ??= this.#tools.clock.after(
      lookMs,
      () => {
        this.#cancel = undefined
        this.#lookIfDue()
        if (this.#listeners.size > 0) this.#plan()
      },
      { background: true },
    )
  }

  #look(): Promise<void> | undefined {
    const { inbox, name, clock } = this.#tools
    if (inbox.notes === undefined || this.#looking) return this.#looking
    this.#lookedAt = clock.elapsed()
    try {
      const note = inbox.notes.read(noteName(name))
      if (!isPromise(note)) {
        this.#found(note?.text)
        return undefined
      }
      this.#looking = Promise.resolve(note)
        .then((note) => this.#found(note?.text))
        .catch((err) => this.#failed(err))
        .finally(() => {
          this.#looking = undefined
        })
      return this.#looking
    } catch (err) {
      this.#failed(err)
    }
    return undefined
  }

  #found(text: string | undefined): void {
    if (this.#isKnown && text === this.#text) return
    this.#isKnown = true
    this.#pauses = readPauses(text)
    this.#text = text
    for (const tell of this.#listeners) tell()
  }

  /** What was known last holds. A store that can't be asked hands out no events either, and the log says so. */
  #failed(err: unknown): void {
    this.#tools.logger.debug({ err, source: this.#tools.name }, 'the inbox can not be asked what is paused')
  }
}
