import { Bench } from './bench.ts'
import type { InboxHarness } from './inbox-harness.ts'

/** One promise of the `Inbox` contract. It needs no particular test runner. */
export interface InboxTest {
  /** Belongs to this promise forever. It is not used again if the promise is dropped. */
  readonly id: string
  /** The promise, as a sentence about the inbox. */
  readonly name: string
  /** Rejects if the inbox breaks the promise. Takes some seconds at most, unless the inbox hangs: give it a timeout of 60 s. */
  run(harness: InboxHarness): Promise<void>
}

/** A test whose `check` gets a new, empty store, which is removed afterwards. */
export function inboxTest(id: string, name: string, check: (bench: Bench) => Promise<void>): InboxTest {
  return {
    id,
    name,
    async run(harness) {
      const bench = new Bench(harness, await harness.createStore())
      try {
        await check(bench)
      } catch (error) {
        await bench.clear().catch(() => {}) // the first error is the one that matters
        throw error
      }
      await bench.clear()
    },
  }
}
