/** A process with a SQLite inbox that puts or discards the events that it is told, all at once, and says whether that was stored. */
import { sqliteInbox } from '@hookport/sqlite'
import { eventRecord } from '@hookport/testkit/inbox/event-records'

export interface Task {
  readonly action: 'put' | 'discard'
  readonly ids: readonly string[]
}

const inbox = sqliteInbox({ path: process.argv[2] ?? '' })

process.on('message', async ({ action, ids }: Task) => {
  const events = ids.map((id) => eventRecord({ id, rawBody: Buffer.alloc(9_000, 'x') })) // each takes pages of its own
  try {
    await Promise.all(
      events.map((event) =>
        action === 'put' ? inbox.put(event, { rememberMs: 60_000 }) : inbox.discard(event.key),
      ),
    )
    process.send?.('stored')
  } catch {
    process.send?.('refused')
  }
})
process.send?.('ready')
