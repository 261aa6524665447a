import type { Inbox } from '@hookport/core'

/** An inbox that behaves as the one behind it, but for the methods given. */
export function inboxInFront(inbox: Inbox, changed: Partial<Inbox>): Inbox {
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
