import type { ConsumeOptions, EventRecord } from '@hookport/core'

export const remembered = { rememberMs: 3 * 24 * 60 * 60 * 1000 }

export function sampleEvent(id: string, more: Partial<EventRecord> = {}): EventRecord {
  return {
    key: `acme:${id}`,
    source: 'acme',
    id,
    type: 'order.paid',
    createdAt: 1,
    receivedAt: 1,
    rawBody: Buffer.from(JSON.stringify({ id })),
    fingerprint: 1,
    origin: 'delivery',
    ...more,
  }
}

const ignore = () => {}

export function consuming(more: Partial<ConsumeOptions> = {}): ConsumeOptions {
  return {
    source: 'acme',
    concurrency: 8,
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    wanted: () => ({ types: 'all', others: 'park' }),
    parking: { keepMs: 1e9, maxBytes: 1e9 },
    report: ignore,
    running: () => new Set(),
    ...more,
  }
}
