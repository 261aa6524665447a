import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Clock } from '@hookport/core'

const hourMs = 3_600_000
/** Wall and elapsed time may differ by this much before it counts as a step of the clock. */
const toleranceMs = 60_000

/** One instant on three clocks, in milliseconds. */
export interface Moment {
  /** Since the machine was started. The same in all of its processes, and nobody can set it. For leases and delays. */
  readonly elapsed: number
  /** Since 1970, as counted in this file: it goes by elapsed time, whatever happens to the wall clock. For times that outlive a boot. */
  readonly steady: number
  /** Since 1970, as the system says. Only for display. */
  readonly wall: number
}

interface Anchor {
  readonly steady: number
  readonly wall: number
  readonly elapsed: number
}

/**
 * The time of one file. Ids are remembered for days, which can be longer than the machine stays up, so they need the wall clock. But the wall clock
 * can be set. So the file stores an anchor: one instant on all clocks. From there on, time goes by elapsed time. Only after a reboot the wall clock
 * is asked, once, how long the machine was down.
 *
 * So a step of the wall clock changes nothing. The anchor stays as it is at first, as the machine may go down with a wrong clock. After an hour the
 * wall clock is believed.
 *
 * The file may also come to another machine, as a volume does, which may have been up for much longer. So where more time has elapsed since the anchor
 * than the wall clock has gone on, the wall clock is asked as after a reboot. If the machine is the same, it was set back: then a process that is
 * started counts from the anchor anew, and is behind those that have run on by no more than the age of the anchor, an hour as a rule.
 */
export class FileTime {
  readonly #clock: Required<Clock>
  readonly #save: StatementSync
  readonly #find: StatementSync
  #anchor: Anchor
  /** The difference between wall and elapsed time since the anchor, where it is too large, and since when. */
  #apart: { readonly byMs: number; readonly since: number } | undefined

  /** Call it in a transaction. The first call after a boot sets the anchor. */
  constructor(database: DatabaseSync, clock: Required<Clock>) {
    this.#clock = clock
    this.#find = database.prepare('SELECT steady, wall, elapsed FROM anchor')
    this.#save = database.prepare(
      'INSERT OR REPLACE INTO anchor (one, steady, wall, elapsed) VALUES (1, :steady, :wall, :elapsed)',
    )
    this.#anchor = this.#cast()
  }

  now(): Moment {
    const elapsed = this.#clock.elapsed()
    return { elapsed, steady: this.#steadyAt(elapsed), wall: this.#clock.now() }
  }

  /** Whether wall and elapsed time agree, or differ for good. Call it from time to time, in a transaction: it renews the anchor once an hour. */
  isTrusted(): boolean {
    const { elapsed, steady, wall } = this.now()
    const byMs = wall - this.#anchor.wall - (elapsed - this.#anchor.elapsed)
    const isApart = Math.abs(byMs) > toleranceMs
    if (!isApart) this.#apart = undefined
    else if (this.#apart === undefined || Math.abs(byMs - this.#apart.byMs) > toleranceMs)
      this.#apart = { byMs, since: elapsed }
    if (elapsed - (this.#apart?.since ?? this.#anchor.elapsed) < hourMs) return !isApart
    this.#apart = undefined
    this.#anchor = { steady, wall, elapsed }
    this.#save.run({ steady, wall, elapsed })
    return true
  }

  #steadyAt(elapsed: number): number {
    return this.#anchor.steady + (elapsed - this.#anchor.elapsed)
  }

  #cast(): Anchor {
    const anchor = this.#find.get() as unknown as Anchor | undefined
    const elapsed = this.#clock.elapsed()
    const wall = this.#clock.now()
    if (anchor && isOfThisBoot(anchor, { elapsed, wall })) return { ...anchor }
    const steady = anchor ? anchor.steady + Math.max(0, wall - anchor.wall) : wall
    this.#save.run({ steady, wall, elapsed })
    return { steady, wall, elapsed }
  }
}

/** Whether elapsed time goes on from an anchor. Otherwise it was counted in another boot, or by another machine. */
function isOfThisBoot(anchor: Anchor, { elapsed, wall }: Pick<Moment, 'elapsed' | 'wall'>): boolean {
  const elapsedMs = elapsed - anchor.elapsed
  return elapsedMs >= 0 && elapsedMs - (wall - anchor.wall) <= toleranceMs
}
