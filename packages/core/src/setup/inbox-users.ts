import { sharedByCopies } from '../collections/shared-by-copies.ts'
import type { Inbox } from '../contracts/inbox/inbox.ts'

/** Receivers of two copies may use one inbox, and the first to stop must not close it for the other. */
const usersOf = sharedByCopies('inbox-users', () => new WeakMap<Inbox, number>())

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
