import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { payloadReaders } from '../../src/bodies/read-payload.ts'
import { ParsedPayloads } from '../../src/handle/turn/parsed-payloads.ts'

/** Whether the payload of each of so many events with this body is kept. */
export function kept(body: string, events: number): boolean[] {
  return keptOf(Array.from({ length: events }, () => body))
}

/** The same of events with these bodies, in their order. */
export function keptOf(bodies: readonly string[]): boolean[] {
  const payloads = new ParsedPayloads(payloadReaders.json)
  const parsed = new Map([...new Set(bodies)].map((body) => [body, payloadReaders.json(Buffer.from(body))]))
  const records = bodies.map((body) => eventRecord({ rawBody: Buffer.from(body) }))
  records.forEach((record, index) => {
    payloads.keep(record, parsed.get(bodies[index] ?? '') ?? {})
  })
  return records.map((record, index) => payloads.take(record) === parsed.get(bodies[index] ?? ''))
}
