import { describeInboxSuite } from './support/describe-inbox-suite.ts'
import { sharedHarness } from './support/shared-harness.ts'

/** Several instances that outlive a restart, on the real clock. */
describeInboxSuite('shared inbox of the tests', sharedHarness())
