/**
 * What profiling showed, and leaving steps out. No run of the benchmark measures it again: who profiles anew writes the day and
 * the figures here. Micros are of CPU time, for each request.
 */
export const profiled = {
  on: '2026-11-25',
  fastify: {
    /** HTTP, Fastify and reading the body, which cost the same by hand and with hookport. */
    frameworkMicros: 20,
    /** By how much our verification is cheaper. */
    savedBySignatureMicros: 2,
    /** Identity, freshness, dedup, inbox, schema and dispatch. */
    stepsMicros: 10,
    /** Upper bound of what leaving out the deadlines, or the schema, saves of the whole. */
    savedByOneStepPercent: 2,
    /** What is saved without the `await`s of steps that have their answer. */
    savedByAwaitsPercent: 4,
  },
  sqlite: {
    eventsInGroup: 32,
    putMicros: { from: 10, to: 13 },
    /** The statements alone, with two tables and no further index. */
    barePutMicros: 6,
  },
  /** What a schema takes to look at every number in a body of 1 MiB. */
  schemaMsPerMebibyte: 2,
} as const
