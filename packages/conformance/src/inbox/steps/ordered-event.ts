import type { EventRecord } from '@hookport/core'
import { sampleEvent } from './sample-event.ts'

/** An event of an order key, which happened `second` seconds after a fixed time. */
export function ordered(
  id: string,
  second: number,
  event: Partial<Omit<EventRecord, 'key'>> = {},
): EventRecord {
  return sampleEvent({ id, orderKey: 'acme:run-1', createdAt: 1_700_000_000_000 + 1000 * second, ...event })
}
