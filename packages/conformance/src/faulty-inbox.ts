import type { Inbox } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'

/** An inbox in which nothing can be put or claimed, as if its store could not be reached. The rest of it is `inbox`. */
export function brokenInbox(inbox: Inbox): Inbox {
  const reject = () => Promise.reject(new Error('the store is away'))
  return inboxInFront(inbox, { put: reject, claim: reject })
}

/** An inbox that never answers a put or a claim. The rest of it is `inbox`. */
export function stuckInbox(inbox: Inbox): Inbox {
  const hang = () => new Promise<never>(() => {})
  return inboxInFront(inbox, { put: hang, claim: hang })
}
