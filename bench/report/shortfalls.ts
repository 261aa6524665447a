import { profiled } from './profiled.ts'
import type { Results } from './results.ts'

/** Why targets are missed, by what they are about. People write the reasons; their figures are those of the run, or `profiled`. */
const shortfalls: readonly (readonly [about: RegExp, reason: (results: Results) => string])[] = [
  [/^express: hookport/, pipeline],
  [
    /^(express|fastify|node|node-http|web|stripe|standard-webhooks|bullmq)(-same)?: hookport/,
    () => 'As for express.',
  ],
  [/: heap allocated/, heap],
  [/: p99 at half of saturation/, tail],
  [
    /^github/,
    () =>
      'Both verify with the same HMAC and parse the same JSON on the same server, which is most of it. GitHub signs no id: hookport takes the SHA-256 of the body for one, and remembers it.',
  ],
  [
    /^redis-claims/,
    () =>
      'A claim and its confirmation are two round trips and two answers to wait for, `SET … NX` by hand is one and keeps no lease. Sent in batches, as one JSON text each, they are cheaper than one `SET` that is not pipelined; what is left is ours for holding and renewing a lease, and the collector’s for requests that live through two round trips. A reply that does not wait for the confirmation would spare the second: a process that dies between the two would have its event handled again after a 200, so it is not done.',
  ],
  [
    /^sqlite-insert/,
    () => {
      const { eventsInGroup, putMicros } = profiled.sqlite
      return `By hand, one row is written for each request, and synced by itself. A put writes to three B-trees (the id, the event and its due time): ${putMicros.from} to ${putMicros.to} µs in groups of ${eventsInGroup} events, which are synced once. The rest is what the framework without SQLite falls short by.`
    },
  ],
  [
    /^sqlite-/,
    () => {
      const { eventsInGroup, putMicros, barePutMicros } = profiled.sqlite
      return `By hand, nothing is kept. A put writes to three B-trees (the id, the event and its due time): ${putMicros.from} to ${putMicros.to} µs in groups of ${eventsInGroup} events. The bare statements of a table of ids and one of events, without index and promises, still took ${barePutMicros}. The rest is what the framework without SQLite falls short by.`
    },
  ],
  [
    /^postgres-/,
    () =>
      `The database is bound to no core, beside the load and the server. A put writes an id and an event, with their indexes, where by hand one row is written: ${profiled.postgres.putMs} ms of its CPU time for 32 of them, planned once. What is left in the web process is what Express without Postgres falls short by.`,
  ],
  [
    /^consumption from Postgres/,
    () =>
      `A taking of 64 events with the verdicts on the last 64 is one statement, ${profiled.postgres.takeMs} ms of the server's CPU time, and the process waits for it. A local queue of 500 fetches ahead what nobody works on yet: a process that dies leaves 500 interrupted events, and no other can have them until then. Two statements side by side, and takings of half the size, of which one is carried out while the other is handled, were tried, and brought nothing on two cores.`,
  ],
  [
    /^consumption from Redis/,
    () =>
      'A body is kept as it was signed, so its JSON is parsed beside the record that holds it; a bare Worker parses once. Each handler has its progress and history, which a bare Worker does not write.',
  ],
  [
    /^bodies of/,
    () =>
      'Both hash and parse the same bytes. On top of that hookport checks the data against its schema, keeps the bytes and what was parsed of them until the event was handled, and gives its handlers a copy of the bytes.',
  ],
  [
    /inbox, 1,000,000 ids/,
    () =>
      'An id is kept with a fingerprint of its body and the time at which it is forgotten; the rest is what the store takes for a row or a key with its expiry.',
  ],
]

/** Undefined where nobody has said why. */
export function reasonOf(what: string, results: Results): string | undefined {
  return shortfalls.find(([about]) => about.test(what))?.[1](results)
}

function pipeline(): string {
  const { alone, server } = profiled
  return `In one process, without sockets, a delivery and its handler take ${alone.micros} µs and ${alone.kilobytes} KB of heap; ten lines by hand take ${alone.byHand.micros} µs and ${alone.byHand.kilobytes} KB. In a server they take ${server.receiveMicros} µs, and ${server.byHandMicros} by hand; reading the request and writing the reply cost ${server.adapterMicros} µs more than by hand. The garbage collector takes ${server.collectorMicros} µs of a request, and ${server.byHandCollectorMicros} by hand. The profile is flat: no step takes more than ${server.largestShare}%. What is done beside the signature and the JSON is remembering ids, keeping the event, the deadline and context of its handler, and its progress and history. Each \`await\` on the way allocates some ${server.awaitBytes} bytes. To spare them, the steps would have to be callbacks, for less than 3% each.`
}

function heap(): string {
  const { alone } = profiled
  return `${alone.handlingKilobytes} KB of ${alone.kilobytes} are the turn of the handler (its context, signal and deadline, its progress and history), the rest is taking on, the parsed body included.`
}

function tail(results: Results): string {
  const { byHandCollectorMicros, collectorMicros } = profiled.server
  const [byHand, ours] = results.suites.find(({ name }) => name === 'fastify')?.contenders ?? []
  const share = byHand && ours && byHand.requestsPerSecond / 2 / ours.requestsPerSecond
  const onFastify = share
    ? `; on Fastify, half of what the server by hand can take would be ${(share * 100).toFixed(0)}% of what hookport can`
    : ''
  return `The load is half of what the slowest of a table can take${onFastify}. The collector takes ${collectorMicros} µs of each request, and ${byHandCollectorMicros} by hand, in pauses that a hundredth of the requests meets.`
}
