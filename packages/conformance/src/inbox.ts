export type { InboxHarness, InboxStore } from './inbox/bench/inbox-harness.ts'
export type { InboxTest } from './inbox/bench/inbox-test.ts'
export { inboxSuite } from './inbox/inbox-suite.ts'
