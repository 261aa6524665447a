import type { Clock } from '../contracts/clock.ts'
import type { Provider } from '../contracts/provider/provider.ts'

/** What a test needs of a receiver to sign deliveries for it. */
export interface TestBench {
  readonly provider: Provider
  readonly clock: Required<Clock>
}

/** The same for every copy of this package. */
const bench = Symbol.for('@hookport/core.test-bench')

/** Stores on a receiver what `testBenchOf` answers. The property is not enumerable, so that nobody finds it by accident. */
export function holdTestBench(receiver: object, { provider, clock }: TestBench): void {
  Object.defineProperty(receiver, bench, { value: { provider, clock } })
}

/** Makes the object that a framework mounts answer like its receiver. */
export function shareTestBench(receiver: object, mountable: object): void {
  const held = testBenchOf(receiver)
  if (held) holdTestBench(mountable, held)
}

/** The definition with which a receiver verifies, and its clock. Undefined for a value that is not a receiver. */
export function testBenchOf(receiver: object): TestBench | undefined {
  return (receiver as { [bench]?: TestBench })[bench]
}
