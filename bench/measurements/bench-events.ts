import type { Consumer, EventRecord, Inbox } from '@hookport/core'
import { usualBodyBytes } from '../load/sign.ts'
import { silentLogger } from './core-internals.ts'

let serial = 0

/** An event of the usual size, of an id that no other has. */
export function benchEvent(): EventRecord {
  const id = `evt_${(serial++).toString(36).padStart(24, '0')}`
  return {
    key: `bench:${id}`,
    provider: 'bench',
    id,
    type: 'optimization.completed',
    createdAt: Date.now(),
    receivedAt: Date.now(),
    rawBody: Buffer.alloc(usualBodyBytes, 32),
    fingerprint: serial,
  }
}

/** Has every event handled at once, by a handler that does nothing. */
export function consumeBenchEvents(inbox: Inbox): Consumer {
  return inbox.consume(async () => ({ outcome: 'done' }), {
    provider: 'bench',
    concurrency: 64,
    logger: silentLogger,
  })
}

/** Does a task `count` times, 250 at once. */
export async function inGroups(count: number, task: () => unknown): Promise<void> {
  for (let done = 0; done < count; done += 250) await Promise.all(Array.from({ length: 250 }, task))
}
