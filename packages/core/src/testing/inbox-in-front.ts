import type { Inbox } from '../contracts/inbox/inbox.ts'

/**
 * An inbox that behaves like the one behind it, except for the given methods. For example, one whose store can't be reached: `inboxInFront(inbox, {
 * put: () => Promise.reject(new Error('no connection')) })`.
 */
export function inboxInFront(inbox: Inbox, changed: Partial<Inbox>): Inbox {
  return new Proxy({} as Inbox, {
    get(_, name) {
      if (name in changed) return Reflect.get(changed, name)
      const value = Reflect.get(inbox, name)
      return typeof value === 'function' ? value.bind(inbox) : value
    },
  })
}
