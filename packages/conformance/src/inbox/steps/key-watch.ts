import assert from 'node:assert/strict'
import type { Attempt, Verdict, Work } from '@hookport/core'

/** A turn that its consumer works at. */
interface Turn {
  readonly id: string
  readonly taker: string
}

/**
 * Sees that no two events of an order key are under work at once, whoever has taken them. A turn whose lease has lapsed, so that its event was handed out anew,
 * counts no more: it may go on for as long as it likes, and its verdict is void. On a machine that is busy enough every lease lapses.
 */
export class KeyWatch {
  /** Ids of what was handed out of each order key. What was handed out anew, as its lease had lapsed, is not named again. */
  readonly ids = new Map<string, string[]>()
  readonly #underWork = new Map<string, readonly Turn[]>()
  readonly #overlaps: string[] = []
  /** How many keys had an event under work at once, at most. */
  mostKeys = 0

  /** @param taker who does the work, for what is said of an overlap. */
  watching(taker: string, work: (attempt: Attempt) => Promise<Verdict>): Work {
    return async (attempt) => {
      const { id, orderKey = `none ${attempt.event.id}` } = attempt.event
      const turn = { id, taker }
      this.#begin(orderKey, turn, attempt.wasInterrupted)
      const verdict = await work(attempt)
      this.#underWork.set(
        orderKey,
        this.#turnsOf(orderKey).filter((other) => other !== turn),
      )
      return verdict
    }
  }

  assertNoOverlap(): void {
    assert.deepEqual(this.#overlaps, [], 'two events of one order key were under work at once')
  }

  #begin(orderKey: string, turn: Turn, wasInterrupted: boolean): void {
    const underWork = this.#turnsOf(orderKey).filter(({ id }) => !wasInterrupted || id !== turn.id)
    for (const { id, taker } of underWork)
      this.#overlaps.push(
        `${orderKey}: ${turn.taker} was handed ${turn.id} while ${taker} held ${id}, and its lease had not lapsed`,
      )
    this.#underWork.set(orderKey, [...underWork, turn])
    const keys = [...this.#underWork.values()].filter((turns) => turns.length > 0)
    this.mostKeys = Math.max(this.mostKeys, keys.length)
    if (!wasInterrupted) this.ids.set(orderKey, [...(this.ids.get(orderKey) ?? []), turn.id])
  }

  #turnsOf(orderKey: string): readonly Turn[] {
    return this.#underWork.get(orderKey) ?? []
  }
}
