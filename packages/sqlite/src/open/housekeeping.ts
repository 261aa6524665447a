import type { Moment } from '../file/file-time.ts'
import type { OpenFile } from './open-file.ts'

/** How often it checks whether there is something to tidy up. */
const intervalMs = 10_000
/** What one step may delete or move: at most a millisecond of work for ids. Dead letters can have bodies of a megabyte. */
export const stepLimits = { ids: 200, claims: 200, deadLetters: 8, handled: 64, pages: 64 } as const
/** The pause between two steps while there is more to do, so that puts come first. Up to 200 ids in 5 ms are 40,000 a second. */
const pauseMs = 5

export interface HousekeepingParts {
  write<Result>(write: (file: OpenFile, now: Moment) => Result): Promise<Result>
  /** In milliseconds, from any starting point. */
  elapsed(): number
  readonly keepDeadFor: number
}

/** Deletes what is forgotten and returns free pages to the file system, in small steps that join the writes of others. */
export class Housekeeping {
  readonly #parts: HousekeepingParts
  #lastAt: number
  #underWay = false
  #pause: NodeJS.Timeout | undefined
  #closed = false

  constructor(parts: HousekeepingParts) {
    this.#parts = parts
    this.#lastAt = parts.elapsed() - intervalMs
  }

  /** Called whenever there is activity. Acts at most every ten seconds. */
  tick(): void {
    const now = this.#parts.elapsed()
    const isDue = now - this.#lastAt >= intervalMs || now < this.#lastAt
    if (!isDue || this.#underWay || this.#closed) return
    this.#lastAt = now
    this.#step()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#pause)
  }

  #step(): void {
    this.#underWay = true
    this.#parts
      .write((file, now) => this.#tidyUp(file, now))
      .then(
        (isMoreToDo) => {
          this.#underWay = isMoreToDo && !this.#closed
          if (this.#underWay) this.#pause = setTimeout(() => this.#step(), pauseMs).unref()
        },
        () => {
          this.#underWay = false // the same error fails the writes of others, and is reported there
        },
      )
  }

  /** One step of each kind. True if there is more to do. While the clocks disagree, nothing is deleted because of its age. */
  #tidyUp(file: OpenFile, now: Moment): boolean {
    const isMoreSpaceToGive = file.space.giveBack(stepLimits.pages)
    if (!file.time.isTrusted()) return isMoreSpaceToGive
    const { forgotten, claims, kept, lines } = file
    const diedBy = now.steady - this.#parts.keepDeadFor
    const isMoreToDo = [
      kept.forgetDead(diedBy, stepLimits.deadLetters) === stepLimits.deadLetters,
      kept.forgetHandled(now.steady, stepLimits.handled) === stepLimits.handled,
      lines.forget(now, stepLimits.ids) === stepLimits.ids,
      forgotten.prune(now, stepLimits.ids),
      claims.prune(now.steady, stepLimits.claims) === stepLimits.claims,
      isMoreSpaceToGive,
    ]
    return isMoreToDo.includes(true)
  }
}
