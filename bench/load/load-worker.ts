import { stayAwake } from './awake.ts'
import { Connections } from './connections.ts'
import { type Scheme, signedRequest } from './sign.ts'

/** What the driver asks for: a slice of load on one server. */
export interface Slice {
  readonly port: number
  readonly scheme: Scheme
  readonly bodyBytes: number
  readonly connections: number
  readonly durationMs: number
  /** Deliveries to sign beforehand; the slice ends when they are used up. */
  readonly prepared: number
  /** Deliveries per second to start at most; undefined: as many as the connections take. */
  readonly rate?: number
}

export interface SliceResult {
  readonly sent: number
  readonly elapsedMs: number
  readonly latenciesMs: readonly number[]
  /** Statuses that were not 200, with how often each was seen. */
  readonly failures: Readonly<Record<string, number>>
  /** The part of the time in which there was nothing to send or to read. */
  readonly idleShare: number
}

/** Kept from one slice to the next, as senders keep them. */
const connectionsTo = new Connections()

process.on('message', async (slice: Slice) => process.send?.(await run(slice)))
process.on('disconnect', () => process.exit())

/** Each connection has one delivery under way at a time. */
async function run({
  port,
  scheme,
  bodyBytes,
  connections,
  durationMs,
  prepared,
  rate,
}: Slice): Promise<SliceResult> {
  const requests = Array.from({ length: prepared }, () => signedRequest(scheme, bodyBytes))
  const exchanges = await connectionsTo.get(port, connections)
  const latenciesMs: number[] = []
  const failures: Record<string, number> = {}
  const startedAt = performance.now()
  let next = 0

  async function drive(exchange: (request: Buffer) => Promise<string>): Promise<void> {
    while (next < requests.length && performance.now() - startedAt < durationMs) {
      const index = next++
      if (rate !== undefined) await until(startedAt + (index * 1000) / rate)
      const sentAt = performance.now()
      const status = await exchange(requests[index] as Buffer)
      latenciesMs.push(performance.now() - sentAt)
      if (status !== '200') failures[status] = (failures[status] ?? 0) + 1
    }
  }

  const rest = stayAwake()
  await Promise.all(exchanges.map(drive))
  const elapsedMs = performance.now() - startedAt
  return { sent: latenciesMs.length, elapsedMs, latenciesMs, failures, idleShare: rest() / elapsedMs }
}

/** A timer would be late by up to a millisecond, and start many deliveries at once. */
async function until(at: number): Promise<void> {
  while (performance.now() < at) await new Promise((resolve) => setImmediate(resolve))
}
