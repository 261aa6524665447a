import { sharedByCopies } from '../collections/shared-by-copies.ts'
import type { Inbox } from '../contracts/inbox/inbox.ts'
import type { Logger } from '../contracts/logger.ts'

/** Receivers of two copies may use one inbox, and the first to stop must not close it for the other. */
const usersOf = sharedByCopies('inbox-users', () => new WeakMap<Inbox, number>())

/** Counts a receiver as a user of an inbox. Several receivers may share one. */
export function enterInbox(inbox: Inbox): void {
  usersOf.set(inbox, (usersOf.get(inbox) ?? 0) + 1)
}

/** Closes the inbox when its last user leaves. */
export async function leaveInbox(inbox: Inbox, logger: Logger): Promise<void> {
  const remaining = (usersOf.get(inbox) ?? 1) - 1
  usersOf.set(inbox, remaining)
  if (remaining > 0) return
  if (!inbox.durable) await tellWhatIsLost(inbox, logger).catch(() => {}) // it is closed all the same
  await inbox.close()
}

/** The senders of what waits were told that it is kept. Each dead letter had a line of its own, and so had types that are parked. */
async function tellWhatIsLost(inbox: Inbox, logger: Logger): Promise<void> {
  const { pending, scheduled, parked, dead } = await inbox.counts()
  const lost = { pending, scheduled, parked, dead }
  if (pending + scheduled > 0)
    logger.warn({ inbox: inbox.name, lost }, 'events that wait are lost: this inbox ends with its process')
}
