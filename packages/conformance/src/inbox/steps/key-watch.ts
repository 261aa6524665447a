import assert from 'node:assert/strict'
import type { Attempt, Verdict, Work } from '@hookport/core'

/** A turn that is under way. */
interface Turn {
  readonly id: string
  readonly taker: string
}

/**
 * Checks that no two events of an order key are handled at once, by any consumer. A turn whose lease has run out, so that its event was handed out
 * again, no longer counts: it may go on, but its verdict is void. On a very busy machine any lease can run out.
 */
export class KeyWatch {
  /** The ids that were handed out of each order key. An event that was handed out again, as its lease had run out, is listed once. */
  readonly ids = new Map<string, string[]>()
  readonly #underWork = new Map<string, readonly Turn[]>()
  readonly #overlaps: string[] = []
  /** The largest number of keys that had an event being handled at once. */
  mostKeys = 0

  /** @param taker who does the work, for the message about an overlap. */
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
    assert.deepEqual(this.#overlaps, [], 'two events of one order key were handled at once')
  }

  #begin(orderKey: string, turn: Turn, wasInterrupted: boolean): void {
    const underWork = this.#turnsOf(orderKey).filter(({ id }) => !wasInterrupted || id !== turn.id)
    for (const { id, taker } of underWork)
      this.#overlaps.push(
        `${orderKey}: ${turn.taker} was handed ${turn.id} while ${taker} held ${id}, and its lease had not run out`,
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
