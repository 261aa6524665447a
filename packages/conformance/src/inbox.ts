export type { InboxHarness, InboxStore } from './inbox/inbox-harness.ts'
export { inboxSuite } from './inbox/inbox-suite.ts'
export type { InboxTest } from './inbox/inbox-test.ts'
