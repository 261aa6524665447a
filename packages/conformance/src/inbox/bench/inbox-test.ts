import { Bench } from './bench.ts'
import type { InboxHarness } from './inbox-harness.ts'

/** One promise of the `Inbox` contract. Knows no test runner. */
export interface InboxTest {
  /** Stays with this promise for good, and is not given to another when the promise is dropped. */
  readonly id: string
  /** The promise, as a sentence about the inbox. */
  readonly name: string
  /** Rejects if the inbox breaks the promise. Takes some seconds at most, unless the inbox hangs: give it a timeout of 60 s. */
  run(harness: InboxHarness): Promise<void>
}

/** A test whose `check` is given a new, empty store, which is put away afterwards. */
export function inboxTest(id: string, name: string, check: (bench: Bench) => Promise<void>): InboxTest {
  return {
    id,
    name,
    async run(harness) {
      const bench = new Bench(harness, await harness.createStore())
      try {
        await check(bench)
      } catch (error) {
        await bench.clear().catch(() => {}) // what went wrong first is what matters
        throw error
      }
      await bench.clear()
    },
  }
}
