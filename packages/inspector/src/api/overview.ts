import type { Counts, Inbox } from '@hookport/core'
import type { Store } from '../stores.ts'
import { findPage } from './pages.ts'

/** The state of a store. */
export interface Standing {
  readonly counts: Counts
  /** When the oldest event that is due and waits was received, in milliseconds since 1970. Null if none waits, or if it is not found within a second. */
  readonly oldestPendingAt: number | null
}

export interface Owner {
  readonly source?: string
  readonly tenant?: string
}

export async function standingOf(inbox: Inbox, owner: Owner): Promise<Standing> {
  const counts = await inbox.counts(owner)
  if (counts.pending === 0) return { counts, oldestPendingAt: null }
  const { items } = await findPage(inbox, { ...owner, state: 'pending' }, 1, undefined)
  return { counts, oldestPendingAt: items[0]?.receivedAt ?? null }
}

/** The pauses of all receivers that support them. */
export async function pausedIn({ receivers }: Store) {
  const all = receivers.map(async (receiver) => {
    const pauses = (await receiver.paused?.()) ?? []
    return pauses.map((pause) => ({ source: receiver.source, ...pause }))
  })
  return (await Promise.all(all)).flat()
}

/** What the page needs to know about a store at the start. */
export function describeStore({ id, title, inbox, receivers }: Store) {
  return {
    id,
    title,
    durable: inbox.durable,
    sources: receivers.map((receiver) => ({
      name: receiver.source,
      provider: receiver.provider,
      types: receiver.eventTypes,
      can: {
        replay: typeof receiver.replay === 'function',
        pause: typeof receiver.pause === 'function' && typeof receiver.resume === 'function',
      },
    })),
  }
}
