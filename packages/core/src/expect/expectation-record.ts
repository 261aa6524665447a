import { eventKey } from '../accept/identity/event-names.ts'
import type { EventRecord } from '../contracts/inbox/event-record.ts'
import type { EventSummary } from '../contracts/inbox/inbox.ts'
import type { Expectation } from '../contracts/receiver/expect.ts'

/** The stored fields of an expectation. */
export interface KeptExpectation {
  readonly subject: string
  readonly tenant?: string | undefined
  readonly list?: string | undefined
  /** Milliseconds since 1970. */
  readonly expectedAt: number
  readonly dueAt: number
}

export const expectationType = 'expectation'

/** No receiver can have this name, as it has a dot. */
export function expectedSource(name: string): string {
  return `${name}.expected`
}

/**
 * The event as which it is kept. Its subject identifies it, so expecting it twice is one expectation.
 *
 * @param round 1 if it was not expected before. Later rounds are events of their own.
 */
export async function toRecord(
  name: string,
  expectation: KeptExpectation,
  round: number,
): Promise<EventRecord> {
  const { subject, tenant, expectedAt, dueAt } = expectation
  const source = expectedSource(name)
  return {
    key: await eventKey(source, tenant, round === 1 ? subject : `${round}\0${subject}`),
    source,
    tenant,
    id: subject,
    type: expectationType,
    createdAt: dueAt,
    receivedAt: expectedAt,
    rawBody: new TextEncoder().encode(JSON.stringify(expectation)),
    fingerprint: 0,
    origin: 'delivery',
  }
}

export function readRecord({ rawBody }: Pick<EventRecord, 'rawBody'>): KeptExpectation {
  return JSON.parse(new TextDecoder().decode(rawBody)) as KeptExpectation
}

/** The form that an application sees. */
export function toExpectation(kept: EventSummary): Expectation {
  const { key, id, tenant, createdAt, receivedAt } = kept
  return {
    key,
    subject: id,
    tenant,
    expectedAt: new Date(receivedAt),
    dueAt: new Date(createdAt),
    state: stateOf(kept),
  }
}

function stateOf({ state, progress }: EventSummary): Expectation['state'] {
  if (state === 'dead') return 'failed'
  if (state !== 'handled') return 'waiting'
  return progress.completed.length > 0 ? 'overdue' : 'fulfilled'
}
