import assert from 'node:assert/strict'
import type { Verdict, Work } from '@hookport/core'
import type { Bench } from '../bench/bench.ts'
import { ordered } from '../steps/ordered-event.ts'
import { done, remembered } from '../steps/sample-event.ts'

/** Work that returns the given verdicts, each once, for the event with that id. Without a verdict left, it returns done. */
export function coming(verdicts: Record<string, Verdict>): Work {
  const left = new Map(Object.entries(verdicts))
  return async ({ event: { id } }) => {
    const verdict = left.get(id) ?? done
    left.delete(id)
    return verdict
  }
}

/** An event of the order key that is being handled until the gate is opened. */
export async function holdKey(bench: Bench, verdict: Verdict = done, others: Work = async () => done) {
  const inbox = await bench.open()
  const gate = bench.gate()
  const holder = bench.consume(inbox, async (attempt) => {
    if (attempt.event.id !== 'holder') return others(attempt)
    await gate.opened
    return verdict
  })
  await inbox.put(ordered('holder', 5), remembered)
  await bench.eventually(() => assert.deepEqual(holder.ids, ['holder']))
  return { inbox, holder, letGo: () => gate.open() }
}
