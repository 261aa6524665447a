import type { Inbox } from '../contracts/inbox/inbox.ts'

/** Enough to see past events that were redriven or are tried again: these may be old, and have had their turn. */
const looksAt = 50

/** Milliseconds since the oldest event of a source was received that waits for its first attempt; 0 where none does. */
export async function oldestPendingAge(inbox: Inbox, source: string, now: number): Promise<number> {
  const { items } = await inbox.list({ source, state: 'pending', limit: looksAt })
  const untried = items.filter(({ attempt, progress }) => attempt <= 1 && progress.history === undefined)
  const received = untried.map(({ receivedAt }) => receivedAt)
  return received.length === 0 ? 0 : Math.max(0, now - Math.min(...received))
}
