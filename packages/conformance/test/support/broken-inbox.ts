import type { InboxHarness } from '@hookport/conformance/inbox'
import type { Inbox } from '@hookport/core'
import { inboxInFront, type ManualClock } from '@hookport/core/testing'
import { memoryHarness } from './memory-harness.ts'
import { sharedHarness } from './shared-harness.ts'
import type { SharedStore } from './shared-store.ts'

/** An inbox that breaks its contract in one way. */
export interface BrokenInbox {
  /** What it does wrong. */
  readonly name: string
  /** Ids of the tests that are there to notice. */
  readonly rejectedBy: readonly string[]
  readonly harness: InboxHarness
}

/** Long enough for what happens at all, short enough for what never does. */
const patienceMs = 250

/** The memory inbox, but for some methods. */
export function brokenMemory(
  name: string,
  rejectedBy: readonly string[],
  change: (inbox: Inbox, clock: ManualClock) => Partial<Inbox>,
): BrokenInbox {
  const harness = memoryHarness((inbox, clock) => inboxInFront(inbox, change(inbox, clock)), patienceMs)
  return { name, rejectedBy, harness }
}

/** The durable inbox of the tests, but for some methods. */
export function brokenShared(
  name: string,
  rejectedBy: readonly string[],
  change: (inbox: Inbox, store: SharedStore) => Partial<Inbox>,
): BrokenInbox {
  const harness = sharedHarness((inbox, store) => inboxInFront(inbox, change(inbox, store)), 3 * patienceMs)
  return { name, rejectedBy, harness }
}
