import type { ContenderResult } from '../suites/run-suite.ts'
import { profiled } from './profiled.ts'
import type { Results } from './results.ts'

/** Why a target is missed, by what it is about. People write the reason; its figures are those of the run, or `profiled`. */
export const shortfalls: Readonly<Record<string, (results: Results) => string>> = {
  'fastify: hookport'(results) {
    const {
      frameworkMicros,
      savedBySignatureMicros,
      stepsMicros,
      savedByOneStepPercent,
      savedByAwaitsPercent,
    } = profiled.fastify
    const byHandMicros = fastifyIn(results).byHand.cpuMicrosPerRequest
    return `HTTP, Fastify and reading the body are some ${frameworkMicros} of the ${byHandMicros.toFixed(0)} µs by hand, and cost hookport as much; verification and \`JSON.parse\` are most of the rest. A signature that costs ${savedBySignatureMicros} µs less has to pay for identity, freshness, dedup, inbox, schema and dispatch, which take ${stepsMicros}. None of them stands out: without the deadlines or without the schema the whole is less than ${savedByOneStepPercent}% cheaper, and without the three \`await\`s of steps that have their answer ${savedByAwaitsPercent}%, which would cost the pipeline its straight text.`
  },

  'github: hookport': () =>
    'Both verify with the same HMAC and parse the same JSON on the same server, which is most of it. GitHub signs no id: hookport takes the SHA-256 of the body for one, and remembers it.',

  'redis-claims: hookport': () =>
    'A claim and its confirmation are two round trips and two answers to wait for, `SET … NX` by hand is one and keeps no lease. Sent in batches, as one JSON text each, they are cheaper than one `SET` that is not pipelined; what is left is ours for holding and renewing a lease, and the collector’s for requests that live through two round trips.',

  'fastify: p99 at half of saturation'(results) {
    const { byHand, ours } = fastifyIn(results)
    const share = byHand.requestsPerSecond / 2 / ours.requestsPerSecond
    return `The load is half of what the server by hand can take, and so ${(share * 100).toFixed(0)}% of what hookport can: more of its requests wait for another.`
  },

  'sqlite-fastify: hookport, FULL'() {
    const { eventsInGroup, putMicros, barePutMicros } = profiled.sqlite
    return `By hand, nothing is kept. A put writes to three B-trees (the id, the event and its due time): ${putMicros.from} to ${putMicros.to} µs in groups of ${eventsInGroup} events. The bare statements of a table of ids and one of events, without index and promises, still took ${barePutMicros}. The rest is what Fastify without SQLite falls short by.`
  },
}

function fastifyIn({ suites }: Results): { byHand: ContenderResult; ours: ContenderResult } {
  const [byHand, ours] = suites.find(({ name }) => name === 'fastify')?.contenders ?? []
  return { byHand: byHand as ContenderResult, ours: ours as ContenderResult }
}
