/**
 * What profiling showed, and leaving steps out. No run of the benchmark measures it again: who profiles anew writes the day and
 * the figures here. Micros are of CPU time, for each request.
 */
export const profiled = {
  on: '2026-11-27',
  /** One process without sockets: a delivery of 425 bytes and its handler. */
  alone: {
    micros: 11,
    kilobytes: 15.2,
    /** Of these, what the turn of a handler allocates. */
    handlingKilobytes: 6.7,
    byHand: { micros: 4, kilobytes: 2 },
  },
  /** On node:http. */
  server: {
    /** From the call of `receive` to the end of the handler, and the same by hand. */
    receiveMicros: 14,
    byHandMicros: 4.6,
    /** Reading the request and writing the reply: so much more than by hand. */
    adapterMicros: 1.3,
    /** Of the whole request, on all threads. */
    collectorMicros: 4.8,
    byHandCollectorMicros: 1.5,
    /** The most that a single function takes, per cent. */
    largestShare: 4,
    /** What one `await` allocates. */
    awaitBytes: 250,
  },
  sqlite: {
    eventsInGroup: 32,
    putMicros: { from: 10, to: 13 },
    /** The statements alone, with two tables and no further index. */
    barePutMicros: 6,
  },
  /** Of one statement for 32 events, in milliseconds of the server's CPU time. */
  postgres: { putMs: 2, takeMs: 2 },
} as const
