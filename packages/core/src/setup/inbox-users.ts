import { ConfigurationError } from '../contracts/errors.ts'
import type { Inbox } from '../contracts/inbox.ts'

const usersOf = new WeakMap<Inbox, number>()

/** @throws {ConfigurationError} for an inbox that was closed as its last user left: it would refuse every delivery. */
export function assertStillOpen(inbox: Inbox): void {
  if (usersOf.get(inbox) !== 0) return
  throw new ConfigurationError(
    `this ${inbox.name} inbox was closed when the last receiver that used it was stopped: make a new one for this receiver`,
  )
}

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
