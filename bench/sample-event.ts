import type { EventRecord } from '@hookport/core'

let serial = 0

/** An event of 425 bytes, of an id that no other has. */
export function sampleEvent(): EventRecord {
  const id = `evt_${(serial++).toString(36).padStart(24, '0')}`
  return {
    key: `bench:${id}`,
    provider: 'bench',
    id,
    type: 'optimization.completed',
    createdAt: Date.now(),
    receivedAt: Date.now(),
    rawBody: Buffer.alloc(425, 32),
    fingerprint: serial,
  }
}
