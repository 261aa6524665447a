import { describeInboxSuite } from './support/describe-inbox-suite.ts'
import { memoryHarness } from './support/memory-harness.ts'

/** On a clock that is moved by hand: what does not come about soon will not come about. */
describeInboxSuite('memory inbox', memoryHarness(undefined, 4_000))
