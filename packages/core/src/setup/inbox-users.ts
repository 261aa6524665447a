import type { Inbox } from '../contracts/inbox/inbox.ts'

/** Shared by the whole process: receivers of two copies of this package may use one inbox, and the first to stop must not close it for the other. */
const place = Symbol.for('@hookport/core.inbox-users')
const holder = globalThis as { [place]?: WeakMap<Inbox, number> }
holder[place] ??= new WeakMap()
const usersOf = holder[place]

/** Counts a receiver as a user of an inbox. Several receivers may share one. */
export function enterInbox(inbox: Inbox): void {
  usersOf.set(inbox, (usersOf.get(inbox) ?? 0) + 1)
}

/** Closes the inbox when its last user leaves. */
export async function leaveInbox(inbox: Inbox): Promise<void> {
  const remaining = (usersOf.get(inbox) ?? 1) - 1
  usersOf.set(inbox, remaining)
  if (remaining === 0) await inbox.close()
}
