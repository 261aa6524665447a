import type { EventPage, Inbox } from '../contracts/inbox/inbox.ts'

const pageSize = 50
/** Enough to look past events that were redriven or are retried. These may be old, but have had their first attempt. */
const mostPages = 20

/** How long ago the oldest event that still waits for its first attempt was received, in milliseconds. 0 where none waits. */
export async function oldestPendingAge(inbox: Inbox, source: string, now: number): Promise<number> {
  const pending = { source, state: 'pending', limit: pageSize } as const
  let page: EventPage = await inbox.list(pending)
  for (let pages = 1; ; pages++) {
    const untried = page.items.filter(
      ({ attempt, progress }) => attempt <= 1 && progress.history === undefined,
    )
    const received = untried.map(({ receivedAt }) => receivedAt)
    if (received.length > 0) return Math.max(0, now - Math.min(...received))
    if (page.cursor === undefined || pages === mostPages) return 0
    page = await inbox.list({ ...pending, cursor: page.cursor })
  }
}
