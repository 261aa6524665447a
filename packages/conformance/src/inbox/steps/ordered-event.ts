import assert from 'node:assert/strict'
import type { Attempt, EventRecord, Verdict, Work } from '@hookport/core'
import { sampleEvent } from './sample-event.ts'

/** An event of an order key, which happened `second` seconds after others. */
export function ordered(
  id: string,
  second: number,
  event: Partial<Omit<EventRecord, 'key'>> = {},
): EventRecord {
  return sampleEvent({ id, orderKey: 'acme:run-1', createdAt: 1_700_000_000_000 + 1000 * second, ...event })
}

/** Sees that no two events of an order key are under work at once, whoever has taken them. */
export class KeyWatch {
  /** Ids of what was handed out of each order key. */
  readonly ids = new Map<string, string[]>()
  readonly #active = new Set<string>()
  /** How many keys had an event under work at once, at most. */
  mostKeys = 0
  /** What went wrong. */
  readonly overlaps: string[] = []

  watching(work: (attempt: Attempt) => Promise<Verdict>): Work {
    return async (attempt) => {
      const { id, orderKey = `none ${attempt.event.id}` } = attempt.event
      if (this.#active.has(orderKey)) this.overlaps.push(`${id} of ${orderKey}`)
      this.#active.add(orderKey)
      this.mostKeys = Math.max(this.mostKeys, this.#active.size)
      this.ids.set(orderKey, [...(this.ids.get(orderKey) ?? []), id])
      const verdict = await work(attempt)
      this.#active.delete(orderKey)
      return verdict
    }
  }

  assertNoOverlap(): void {
    assert.deepEqual(this.overlaps, [], 'two events of one order key were under work at once')
  }
}
