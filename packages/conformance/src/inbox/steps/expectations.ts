import assert from 'node:assert/strict'
import type { Counts, EventRecord, EventState, Inbox, KeptEvent, ListFilter } from '@hookport/core'

/** Compares data without the prototypes that a store's driver gives its objects. */
export function assertSame(actual: unknown, expected: unknown, message?: string): void {
  assert.deepEqual(structuredClone(actual), expected, message)
}

/** Compares field by field, so that a difference in a long field is named and not printed. */
export function assertSameEvent(actual: EventRecord, expected: EventRecord): void {
  const fields = ['key', 'source', 'tenant', 'id', 'type', 'createdAt', 'receivedAt', 'fingerprint'] as const
  for (const field of fields) {
    const shown = `${String(actual[field]).slice(0, 80)} instead of ${String(expected[field]).slice(0, 80)}`
    assert.ok(actual[field] === expected[field], `${field} came back changed: ${shown}`)
  }
  for (const field of [
    'origin',
    'aliases',
    'orderKey',
    'orderRank',
    'request',
    'trace',
    'unreadable',
  ] as const)
    assertSame(actual[field], expected[field], `${field} came back changed`)
  assert.ok(actual.rawBody instanceof Uint8Array, 'rawBody is not a Uint8Array')
  assert.ok(Buffer.compare(actual.rawBody, expected.rawBody) === 0, 'the bytes of rawBody came back changed')
}

export async function assertDuplicate(
  inbox: Inbox,
  event: EventRecord,
  { conflict = false } = {},
): Promise<void> {
  const options = { rememberMs: 60_000, leaseMs: 60_000 }
  assertSame(await inbox.put(event, options), { outcome: 'duplicate', conflict }, 'put')
  assertSame(await inbox.claim(event, options), { outcome: 'duplicate', conflict }, 'claim')
}

export async function keptEvent(inbox: Inbox, key: string): Promise<KeptEvent> {
  const kept = await inbox.get(key)
  assert.ok(kept, `${key.slice(0, 80)} is not kept`)
  return kept
}

export async function assertState(inbox: Inbox, key: string, state: EventState): Promise<void> {
  assert.equal((await keptEvent(inbox, key)).state, state)
}

export async function assertGone(inbox: Inbox, key: string): Promise<void> {
  assert.equal((await inbox.get(key))?.state, undefined, `${key.slice(0, 80)} is still kept`)
}

export async function assertCounts(
  inbox: Inbox,
  counts: Partial<Counts>,
  source?: string,
  tenant?: string,
): Promise<void> {
  const filter = { ...(source !== undefined && { source }), ...(tenant !== undefined && { tenant }) }
  const actual = await inbox.counts(filter)
  assertSame(actual, { pending: 0, scheduled: 0, active: 0, dead: 0, parked: 0, handled: 0, ...counts })
}

export async function listedIds(inbox: Inbox, filter: ListFilter = {}): Promise<string[]> {
  const { items } = await inbox.list(filter)
  return items.map(({ id }) => id)
}
