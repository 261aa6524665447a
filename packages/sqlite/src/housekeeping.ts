import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '@hookport/core'
import type { Claims } from './claims.ts'
import { FileSpace } from './file-space.ts'
import type { GroupCommit } from './group-commit.ts'
import type { KeptEvents } from './kept-events.ts'
import type { RememberedIds } from './remembered-ids.ts'

/** How often it is looked for something to tidy up. */
const intervalMs = 10_000
/** What one step may delete or move: about a millisecond of work for ids, and dead letters can have bodies of a megabyte. */
export const stepLimits = { ids: 200, claims: 200, deadLetters: 8, pages: 64 } as const
/** Between two steps while there is more to do, so that puts come first: up to 200 ids in 5 ms are 40,000 a second. */
const pauseMs = 5

export interface HousekeepingParts {
  readonly database: DatabaseSync
  readonly commits: GroupCommit
  readonly ids: RememberedIds
  readonly claims: Claims
  readonly kept: KeptEvents
  readonly clock: Clock
  readonly keepDeadFor: number
}

/** Deletes what is forgotten and gives free pages back to the file system, in small steps that join the writes of others. */
export class Housekeeping {
  readonly #parts: HousekeepingParts
  readonly #space: FileSpace
  #lastAt: number
  #underWay = false
  #pause: NodeJS.Timeout | undefined
  #closed = false

  constructor(parts: HousekeepingParts) {
    this.#parts = parts
    this.#space = new FileSpace(parts.database)
    this.#lastAt = parts.clock.now() - intervalMs
  }

  /** Called whenever there is activity. Does something at most every ten seconds. */
  tick(): void {
    const now = this.#parts.clock.now()
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
    this.#parts.commits
      .run(() => this.#tidyUp())
      .then(
        (isMoreToDo) => {
          this.#underWay = isMoreToDo && !this.#closed
          if (this.#underWay) this.#pause = setTimeout(() => this.#step(), pauseMs).unref()
        },
        () => {
          this.#underWay = false // whatever is wrong fails the writes of others, too, and is reported there
        },
      )
  }

  /** One step of each kind. True if there is more to do. */
  #tidyUp(): boolean {
    const { ids, claims, kept, clock, keepDeadFor } = this.#parts
    const now = clock.now()
    const isMoreToDo = [
      ids.prune(now, stepLimits.ids) === stepLimits.ids,
      claims.prune(now, stepLimits.claims) === stepLimits.claims,
      kept.forgetDead(now - keepDeadFor, stepLimits.deadLetters) === stepLimits.deadLetters,
      this.#space.giveBack(stepLimits.pages),
    ]
    return isMoreToDo.includes(true)
  }
}
