import type { Inbox } from '../contracts/inbox/inbox.ts'

/** Enough to look past events that were redriven or are retried. These may be old, but have had their first attempt. */
const looksAt = 50

/** How long ago the oldest event that still waits for its first attempt was received, in milliseconds. 0 where none waits. */
export async function oldestPendingAge(inbox: Inbox, source: string, now: number): Promise<number> {
  const { items } = await inbox.list({ source, state: 'pending', limit: looksAt })
  const untried = items.filter(({ attempt, progress }) => attempt <= 1 && progress.history === undefined)
  const received = untried.map(({ receivedAt }) => receivedAt)
  return received.length === 0 ? 0 : Math.max(0, now - Math.min(...received))
}
