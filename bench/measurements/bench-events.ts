import { type Consumer, type EventRecord, type Inbox, noProgress } from '@hookport/core'
import { usualBodyBytes } from '../load/sign.ts'
import { silentLogger } from './core-internals.ts'

let serial = 0

/** An event of the usual size, of an id that no other has. */
export function benchEvent(): EventRecord {
  const id = `evt_${(serial++).toString(36).padStart(24, '0')}`
  return {
    key: `bench:${id}`,
    source: 'bench',
    id,
    type: 'optimization.completed',
    createdAt: Date.now(),
    receivedAt: Date.now(),
    rawBody: Buffer.alloc(usualBodyBytes, 32),
    fingerprint: serial,
    origin: 'delivery',
  }
}

/** Has every event handled at once, by a handler that does nothing. */
export function consumeBenchEvents(inbox: Inbox): Consumer {
  return inbox.consume(async () => ({ outcome: 'done', progress: noProgress }), {
    source: 'bench',
    concurrency: 64,
    logger: silentLogger,
    wanted: () => ({ types: 'all', others: 'park' }),
    parking: { keepMs: Number.POSITIVE_INFINITY, maxBytes: 1e9 },
    report() {},
    running: () => new Set(),
  })
}

/** Does a task `count` times, 250 at once. */
export async function inGroups(count: number, task: () => unknown): Promise<void> {
  for (let done = 0; done < count; done += 250) await Promise.all(Array.from({ length: 250 }, task))
}
