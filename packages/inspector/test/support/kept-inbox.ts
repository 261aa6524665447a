import { type EventRecord, type Failure, type Inbox, memoryInbox } from '@hookport/core'
import { eventRecord } from '@hookport/testkit/inbox/event-records'

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

/** Two dead letters and one that waits. */
export async function keptInbox(): Promise<Inbox> {
  const inbox = memoryInbox()
  await putDead(inbox, { id: 'evt_dead_1' })
  await putDead(inbox, { id: 'evt_dead_2', type: 'order.cancelled', tenant: 'acme-eu' })
  await putPending(inbox, { id: 'evt_waits' })
  return inbox
}
