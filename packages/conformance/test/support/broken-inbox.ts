import type { InboxHarness } from '@hookport/conformance/inbox'
import type { Inbox } from '@hookport/core'
import type { ManualClock } from '@hookport/core/testing'
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
  const harness = memoryHarness((inbox, clock) => inFront(inbox, change(inbox, clock)), patienceMs)
  return { name, rejectedBy, harness }
}

/** The durable inbox of the tests, but for some methods. */
export function brokenShared(
  name: string,
  rejectedBy: readonly string[],
  change: (inbox: Inbox, store: SharedStore) => Partial<Inbox>,
): BrokenInbox {
  const harness = sharedHarness((inbox, store) => inFront(inbox, change(inbox, store)), 3 * patienceMs)
  return { name, rejectedBy, harness }
}

function inFront(inbox: Inbox, changed: Partial<Inbox>): Inbox {
  return {
    name: inbox.name,
    durable: inbox.durable,
    put: (event, options) => inbox.put(event, options),
    claim: (event, options) => inbox.claim(event, options),
    renew: (lease, leaseMs) => inbox.renew(lease, leaseMs),
    confirm: (lease, event, options) => inbox.confirm(lease, event, options),
    release: (lease, progress, attemptUsed) => inbox.release(lease, progress, attemptUsed),
    bury: (lease, event, burial) => inbox.bury(lease, event, burial),
    consume: (work, options) => inbox.consume(work, options),
    counts: (filter) => inbox.counts(filter),
    list: (filter) => inbox.list(filter),
    get: (key) => inbox.get(key),
    redrive: (key) => inbox.redrive(key),
    discard: (key) => inbox.discard(key),
    close: () => inbox.close(),
    ...changed,
  }
}
