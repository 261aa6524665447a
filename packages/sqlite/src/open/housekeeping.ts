import type { Moment } from '../file/file-time.ts'
import type { OpenFile } from './open-file.ts'

/** How often it checks whether there is something to tidy up. */
const intervalMs = 10_000
/** What one step may delete or move: at most a millisecond of work for ids. Dead letters can have bodies of a megabyte. */
export const stepLimits = { ids: 200, claims: 200, deadLetters: 8, handled: 64, pages: 64 } as const
/** The pause between two steps while there is more to do, so that puts come first. Up to 200 ids in 5 ms are 40,000 a second. */
const pauseMs = 5

/** One step of one kind. True if there is more to do. */
type Part = (file: OpenFile, now: Moment) => boolean

export interface HousekeepingOptions {
  write(part: Part): Promise<boolean>
  /** In milliseconds, from any starting point. */
  elapsed(): number
  readonly keepDeadFor: number
}

/** Deletes what is forgotten and returns free pages to the file system, in small steps that join the writes of others. */
export class Housekeeping {
  readonly #write: HousekeepingOptions['write']
  readonly #elapsed: () => number
  readonly #parts: readonly Part[]
  #lastAt = Number.NEGATIVE_INFINITY
  #underWay = false
  #pause: NodeJS.Timeout | undefined
  #closed = false

  constructor({ write, elapsed, keepDeadFor }: HousekeepingOptions) {
    this.#write = write
    this.#elapsed = elapsed
    this.#parts = partsOf(keepDeadFor)
  }

  /** Called whenever there is activity. Acts at most every ten seconds. */
  tick(): void {
    const now = this.#elapsed()
    const isDue = now - this.#lastAt >= intervalMs || now < this.#lastAt
    if (!isDue || this.#underWay || this.#closed) return
    this.#lastAt = now
    void this.#step()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#pause)
  }

  async #step(): Promise<void> {
    this.#underWay = true
    const areMoreToDo = await Promise.all(this.#parts.map((part) => this.#doPart(part)))
    this.#underWay = areMoreToDo.includes(true) && !this.#closed
    if (this.#underWay) this.#pause = setTimeout(() => void this.#step(), pauseMs).unref()
  }

  /** True if there is more to do. A part that fails leaves the others to do theirs. As a rule, what fails it fails the writes of others too, and is reported there. */
  #doPart(part: Part): Promise<boolean> {
    return this.#write(part).catch(() => false)
  }
}

/** What is to be tidied up. While the clocks disagree, nothing is deleted because of its age. */
function partsOf(keepDeadFor: number): readonly Part[] {
  const ofAge =
    (forget: Part): Part =>
    (file, now) =>
      file.time.isTrusted() && forget(file, now)
  const { pages, deadLetters, handled, ids, claims } = stepLimits
  return [
    ({ space }) => space.giveBack(pages),
    ofAge(({ kept }, now) => kept.forgetDead(now.steady - keepDeadFor, deadLetters) === deadLetters),
    ofAge(({ kept }, now) => kept.forgetHandled(now.steady, handled) === handled),
    ofAge(({ lines }, now) => lines.forget(now, ids) === ids),
    ofAge(({ forgotten }, now) => forgotten.prune(now, ids)),
    ofAge((file, now) => file.claims.prune(now.steady, claims) === claims),
  ]
}
