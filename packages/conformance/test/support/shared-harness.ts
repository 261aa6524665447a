import type { InboxHarness } from '@hookport/conformance/inbox'
import type { Inbox } from '@hookport/core'
import { SharedInbox } from './shared-inbox.ts'
import { SharedStore } from './shared-store.ts'

/** Several inboxes over one store that outlives them, on the real clock. Or inboxes made around them. */
export function sharedHarness(
  around: (inbox: Inbox, store: SharedStore) => Inbox = (inbox) => inbox,
  patienceMs = 10_000,
): InboxHarness {
  return {
    durable: true,
    timeUnitMs: 100,
    patienceMs,
    createStore() {
      const store = new SharedStore()
      return {
        open: () => around(new SharedInbox(store), store),
        now: Date.now,
        loseLeases: async () => store.loseLeases(),
        expireLeases: async () => store.expireLeases(),
        dispose: async () => {},
      }
    },
  }
}
