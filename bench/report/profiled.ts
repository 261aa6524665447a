/**
 * What profiling showed, and leaving steps out. No run of the benchmark measures it again: who profiles anew writes the day and
 * the figures here. Micros are of CPU time, for each request.
 */
export const profiled = {
  on: '2026-11-27',
  /** One process without sockets: a delivery of 425 bytes and its handler. */
  alone: {
    micros: 24,
    kilobytes: 15.6,
    /** Of these, what the turn of a handler allocates. */
    handlingKilobytes: 6.7,
    byHand: { micros: 4.6, kilobytes: 2 },
    on25November: { micros: 12, kilobytes: 10.3 },
    /** Of what is between the two, the garbage collector's; and all of it with young collections of a fixed size (`--max-semi-space-size=16`). */
    moreOfCollector: 10,
    microsWithSmallYoung: 17,
  },
  /** On node:http, by a sampling profiler, which makes everything dearer. */
  server: {
    ownMicros: 42,
    collectorMicros: 5.5,
    byHandCollectorMicros: 1.9,
    on25November: { ownMicros: 19, collectorMicros: 2.1 },
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
