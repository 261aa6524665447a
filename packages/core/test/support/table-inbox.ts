import { type Clock, type Inbox, memoryInbox, noProgress } from '@hookport/core'
import { PollingConsumer } from '@hookport/core/inbox-kit'
import { inAnotherProcess, inboxInFront } from '@hookport/core/testing'
import type { EventTable } from '@hookport/testkit/inbox/event-table'

/** A durable inbox over a table that outlives it, as a process has one. Ids are not remembered for longer than events are kept. */
export function tableInbox(table: EventTable, clock: Required<Clock>): Inbox {
  const consumers = new Set<PollingConsumer>()
  return inboxInFront(memoryInbox({ clock }), {
    name: 'table',
    durable: true,
    store: `table:${crypto.randomUUID()}`,
    async put(event, { failure }) {
      if (table.rows.has(event.key)) return { outcome: 'duplicate', conflict: false }
      table.add(event, failure ? { state: 'dead', failures: [failure], progress: noProgress } : {})
      for (const consumer of consumers) consumer.wake()
      return { outcome: 'accepted' }
    },
    consume(work, options) {
      const polling = { clock, leaseMs: 30_000, pollMs: 1_000 }
      const consumer = inAnotherProcess(() => new PollingConsumer(work, options, table, polling))
      consumers.add(consumer)
      return consumer
    },
    redrive: async (key) => table.redrive(key),
    get: async (key) => table.describe(key),
    close: async () => {},
  })
}
