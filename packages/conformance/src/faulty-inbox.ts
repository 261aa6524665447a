import type { Inbox } from '@hookport/core'

/** An inbox in which nothing can be put or claimed, as when its store is away. The rest of it is `inbox`. */
export function brokenInbox(inbox: Inbox): Inbox {
  const reject = () => Promise.reject(new Error('the store is away'))
  return withTakingOn(inbox, reject)
}

/** An inbox that never answers a put or a claim. The rest of it is `inbox`. */
export function stuckInbox(inbox: Inbox): Inbox {
  return withTakingOn(inbox, () => new Promise(() => {}))
}

function withTakingOn(inbox: Inbox, takeOn: () => Promise<never>): Inbox {
  return {
    name: inbox.name,
    durable: inbox.durable,
    put: takeOn,
    claim: takeOn,
    renew: (...args) => inbox.renew(...args),
    confirm: (...args) => inbox.confirm(...args),
    release: (...args) => inbox.release(...args),
    bury: (...args) => inbox.bury(...args),
    consume: (...args) => inbox.consume(...args),
    counts: (...args) => inbox.counts(...args),
    list: (...args) => inbox.list(...args),
    get: (...args) => inbox.get(...args),
    redrive: (...args) => inbox.redrive(...args),
    discard: (...args) => inbox.discard(...args),
    close: () => inbox.close(),
  }
}
