import type { Results } from './page.ts'

/** What hookport aims at, and what came of it. */
export interface Target {
  readonly what: string
  readonly aim: string
  readonly measured: string
  readonly reached: boolean
  /** Why it falls short, where it does. */
  readonly reason?: string | undefined
}

const bytesPerIdAim = 200
const verifyAim = 1.15
const bareHashAim = 1.05
const p99Aim = 1.2
/** Nanoseconds: a few thousandths of what a delivery takes can not be told apart. */
const switchedOffAim = 100

/** Written by people, after profiling and after leaving steps out. */
const reasons: Readonly<Record<string, string>> = {
  'fastify: hookport':
    'HTTP, Fastify and reading the body are some 20 of the 28 µs by hand, and cost hookport as much; verification and `JSON.parse` are most of the rest. A signature that costs 2 µs less has to pay for identity, freshness, dedup, inbox, schema and dispatch, which take 10. None of them stands out: without the deadlines or without the schema the whole is less than 2% cheaper, and without the three `await`s of steps that have their answer 4%, which would cost the pipeline its straight text.',
  'github: hookport':
    'Both verify with the same HMAC and parse the same JSON on the same server, which is most of it. GitHub signs no id: hookport takes the SHA-256 of the body for one, and remembers it.',
  'redis-claims: hookport':
    'A claim and its confirmation are two round trips and two answers to wait for, `SET … NX` by hand is one and keeps no lease. Sent in batches, as one JSON text each, they are cheaper than one `SET` that is not pipelined; what is left is ours for holding and renewing a lease, and the collector’s for requests that live through two round trips.',
  'fastify: p99 at half of saturation':
    'The load is half of what the server by hand can take, and so two thirds of what hookport can: more of its requests wait for another.',
  'sqlite-fastify: hookport, FULL':
    'By hand, nothing is kept. A put looks into three tables and writes to seven B-trees (the id and its expiry; the event, its number, its key and its due time; the body): 16 to 19 µs in groups of 32 events, more than half of that time in the commit. A trial with two tables, no further index and no look-ups still took 8. The rest is what Fastify without SQLite falls short by.',
}

export function targetsOf({ suites, verify, remembered, switchedOff }: Results): Target[] {
  return [
    ...suites.flatMap(ratios),
    ...suites.flatMap(tails),
    ...verified(),
    ...memory(),
    ...unobserved(),
  ].map((target) => (target.reached ? target : { ...target, reason: reasons[target.what] }))

  function ratios({ name, contenders }: Results['suites'][number]): Target[] {
    return contenders.flatMap(({ name: contender, reach, cpuRatio, throughputRatio }) =>
      reach === undefined
        ? []
        : {
            what: `${name}: ${contender}`,
            aim: `${reach}× in CPU time`,
            measured: `${cpuRatio.ratio.toFixed(2)}×, throughput ${throughputRatio.ratio.toFixed(2)}×`,
            reached: cpuRatio.ratio >= reach,
          },
    )
  }

  function tails({ name, contenders }: Results['suites'][number]): Target[] {
    if (name !== 'express' && name !== 'fastify') return []
    return contenders.slice(1).map(({ p99Ratio }) => ({
      what: `${name}: p99 at half of saturation`,
      aim: `at most ${p99Aim}× of by hand`,
      measured: `${p99Ratio.toFixed(2)}×`,
      reached: p99Ratio <= p99Aim,
    }))
  }

  function verified(): Target[] {
    return verify.flatMap(({ name, oursMicros, byHandMicros, bareHashMicros }): Target[] => {
      if (name === '400 B') {
        const ratio = byHandMicros / oursMicros
        return [
          {
            what: 'verification of 400 B',
            aim: `${verifyAim}× createHmac`,
            measured: `${ratio.toFixed(2)}×`,
            reached: ratio >= verifyAim,
          },
        ]
      }
      if (name !== '1 MiB') return []
      const ratio = oursMicros / bareHashMicros
      return [
        {
          what: 'verification of 1 MiB',
          aim: 'within 5% of the bare SHA-256',
          measured: `${((ratio - 1) * 100).toFixed(1)}% more`,
          reached: ratio <= bareHashAim,
        },
      ]
    })
  }

  function memory(): Target[] {
    return remembered
      .filter(({ inbox }) => inbox === 'memory')
      .map(({ bytesPerId, ids }) => ({
        what: `memory inbox, ${ids.toLocaleString('en')} ids`,
        aim: `at most ${bytesPerIdAim} bytes each`,
        measured: String(Math.round(bytesPerId)),
        reached: bytesPerId <= bytesPerIdAim,
      }))
  }

  function unobserved(): Target[] {
    return switchedOff.map(({ what, nanosPerDelivery }) => ({
      what,
      aim: 'no measurable cost',
      measured: `${nanosPerDelivery.toFixed(0)} ns per delivery`,
      reached: nanosPerDelivery <= switchedOffAim,
    }))
  }
}
