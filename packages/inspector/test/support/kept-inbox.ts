import { type EventRecord, type Failure, type Inbox, memoryInbox, type Work } from '@hookport/core'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { recordedLogger } from '@hookport/testkit/logs'

/** That `put` remembers longer than a test takes. */
const remembered = { rememberMs: 3_600_000 }

export const failure: Failure = {
  handler: 'onEvent(order.paid):save-plan',
  code: 'permanent_failure',
  message: 'the ERP does not take it',
  stack: 'Error: the ERP does not take it\n    at save (plan.ts:7:9)',
  at: 1_700_000_000_000,
}

/** Puts an event that failed for good. */
export async function putDead(
  inbox: Inbox,
  event: Partial<EventRecord> = {},
  why: Partial<Failure> = {},
): Promise<string> {
  const record = eventRecord({ receivedAt: Date.now(), ...event })
  await inbox.put(record, { ...remembered, failure: { ...failure, ...why } })
  return record.key
}

/** Puts an event that waits. */
export async function putPending(inbox: Inbox, event: Partial<EventRecord> = {}): Promise<string> {
  const record = eventRecord({ receivedAt: Date.now(), ...event })
  await inbox.put(record, remembered)
  return record.key
}

/** Gives everything that is due to a handler that fails, and is called again in a minute. */
export async function failAll(inbox: Inbox, source: string): Promise<void> {
  const fail: Work = async ({ progress }) => ({
    outcome: 'retry',
    progress,
    failures: [],
    delayMs: 60_000,
    attemptUsed: true,
  })
  const consumer = inbox.consume(fail, {
    source,
    concurrency: 1,
    logger: recordedLogger().logger,
    wanted: () => ({ types: 'all', others: 'park' }),
    parking: { keepMs: 60_000, maxBytes: 1_000_000 },
    report() {},
    running: () => new Set(),
  })
  await consumer.idle()
  await consumer.stop()
}

/** Two dead letters and one that waits. */
export async function keptInbox(): Promise<Inbox> {
  const inbox = memoryInbox()
  await putDead(inbox, { id: 'evt_dead_1' })
  await putDead(inbox, { id: 'evt_dead_2', type: 'order.cancelled', tenant: 'acme-eu' })
  await putPending(inbox, { id: 'evt_waits' })
  return inbox
}
