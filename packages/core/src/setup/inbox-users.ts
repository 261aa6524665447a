import { sharedByCopies } from '../collections/shared-by-copies.ts'
import { ConfigurationError } from '../contracts/errors.ts'
import type { Inbox } from '../contracts/inbox/inbox.ts'
import type { Logger } from '../contracts/logger.ts'

/** A receiver that handles the events of a source. */
interface Holder {
  readonly logger: Logger
  readonly inbox: Inbox
  /** Stops it from handling them. */
  giveUp(): unknown
}

/** By store and name. Two copies of this package see each other. */
const holders = sharedByCopies('sources', () => new Map<string, Holder>())

/**
 * Gives one receiver the events of a name on a store, and returns a function that gives them back. Two receivers of the same name would take each
 * other's events. In production a second one is an error. Elsewhere the newer one takes over, as dev servers load modules again at every save.
 *
 * @throws {ConfigurationError} in production, where the name is taken.
 */
export function holdSource(store: string, name: string, holder: Holder): () => void {
  const source = JSON.stringify([store, name])
  const before = holders.get(source)
  if (before && isProduction()) {
    throw new ConfigurationError(
      `a receiver named ${name} already handles the events of this inbox (${store}) in this process, and the two would take each other's: give one of them another name, { name: '…' }, or stop the first`,
    )
  }
  if (before) {
    before.giveUp()
    // The older one may still be sent deliveries, so an inbox that it alone uses stays open, with its file or connections.
    const fix =
      before.inbox === holder.inbox ? undefined : 'the older inbox stays open: keep one in globalThis'
    holder.logger.warn(
      { source: name, ...(fix && { fix }) },
      'a newer receiver of this name takes over: the older one handles no more events',
    )
  }
  holders.set(source, holder)
  return () => {
    if (holders.get(source) === holder) holders.delete(source)
  }
}

function isProduction(): boolean {
  return typeof process === 'object' && process.env?.NODE_ENV === 'production'
}

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
