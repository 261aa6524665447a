import type { VerifyResult } from '../measurements/verify.ts'
import type { Results } from './results.ts'
import { reasonOf } from './shortfalls.ts'

/** What hookport aims at, and what came of it. */
export interface Target {
  readonly what: string
  readonly aim: string
  readonly measured: string
  readonly reached: boolean
  /** Why it falls short, where it does. */
  readonly reason?: string | undefined
}

/** By inbox. */
const bytesPerIdAims: Readonly<Record<string, number>> = { memory: 100, sqlite: 110, bullmq: 120 }
const verifyAim = 1.15
const bareHashAim = 1.05
const p99Aim = 1.1
/** Bytes of heap allocated above what is allocated by hand. */
const allocationAim = 3_000
/** Sizes of body that have an aim, in CPU time against by hand. */
const bodyAims: Readonly<Record<string, number>> = { '16 KiB': 1, '1024 KiB': 1 }
/** Of consumption from Redis, against a bare Worker. */
const workerAim = 1
/** Of hookport on Postgres, by the contender that it is compared with. */
const consumptionAims: readonly (readonly [rival: RegExp, aim: number])[] = [
  [/^graphile-worker/, 1],
  [/^pg-boss/, 2],
]
/** Of `once`, against a receipt that is written by hand, in throughput. */
const onceAim = 0.95
/** Of accepting with a million remembered ids, against with few. */
const slowingAim = 1.15
/** Nanoseconds: a few thousandths of what a delivery takes can not be told apart. */
const switchedOffAim = 100

/** Suites of the frameworks, against by hand. */
const frameworks: readonly string[] = ['express', 'fastify', 'node', 'web']

export function targetsOf(results: Results): Target[] {
  const { suites, growth, verify, remembered, switchedOff } = results
  const { consumptionPostgres = [], once = [], growthCosts = [] } = results
  return [
    ...suites.flatMap(ratios),
    ...suites.flatMap(throughputs),
    ...suites.flatMap(tails),
    ...suites.flatMap(allocations),
    ...bodies(),
    ...redisConsumption(),
    ...consumption(),
    ...effects(),
    ...slowing(),
    ...verify.flatMap((result) => verifyTargets[result.name]?.(result) ?? []),
    ...memory(),
    ...unobserved(),
  ].map((target) => (target.reached ? target : { ...target, reason: reasonOf(target.what, results) }))

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

  function throughputs({ name, contenders }: Results['suites'][number]): Target[] {
    return contenders.flatMap(({ name: contender, reachInThroughput, cpuRatio, throughputRatio }) =>
      reachInThroughput === undefined
        ? []
        : {
            what: `${name}: ${contender}`,
            aim: `${reachInThroughput}× in throughput`,
            measured: `${throughputRatio.ratio.toFixed(2)}×, CPU time ${cpuRatio.ratio.toFixed(2)}×`,
            reached: throughputRatio.ratio >= reachInThroughput,
          },
    )
  }

  function tails({ name, contenders }: Results['suites'][number]): Target[] {
    if (!frameworks.includes(name)) return []
    return contenders.slice(1).map(({ p99Ratio }) => ({
      what: `${name}: p99 at half of saturation`,
      aim: `at most ${p99Aim}× of by hand`,
      measured: `${p99Ratio.toFixed(2)}×`,
      reached: p99Ratio <= p99Aim,
    }))
  }

  function allocations({ name, contenders }: Results['suites'][number]): Target[] {
    const [byHand, ours] = contenders.map(({ bytesPerRequest }) => bytesPerRequest)
    if (!frameworks.includes(name) || byHand === undefined || ours === undefined) return []
    return [
      {
        what: `${name}: heap allocated for each request`,
        aim: `at most ${(allocationAim / 1000).toFixed(0)} KB more than by hand`,
        measured: `${((ours - byHand) / 1000).toFixed(1)} KB more`,
        reached: ours - byHand <= allocationAim,
      },
    ]
  }

  function bodies(): Target[] {
    const points = growth.find(({ name }) => name === 'body-size')?.points ?? []
    return points.flatMap(({ label, ours: { cpuRatio } }) => {
      const aim = bodyAims[label]
      if (aim === undefined) return []
      return {
        what: `bodies of ${label}`,
        aim: `${aim}× in CPU time`,
        measured: `${cpuRatio.ratio.toFixed(2)}×`,
        reached: cpuRatio.ratio >= aim,
      }
    })
  }

  function redisConsumption(): Target[] {
    const cpuOf = (wanted: string) =>
      results.consumption.find(({ name }) => name === wanted)?.cpuMicrosPerEvent ?? Number.NaN
    const ratio = cpuOf('BullMQ Worker by hand') / cpuOf('hookport, BullMQ')
    if (Number.isNaN(ratio)) return []
    return [
      {
        what: 'consumption from Redis',
        aim: `${workerAim}× a bare Worker in CPU time`,
        measured: `${ratio.toFixed(2)}×`,
        reached: ratio >= workerAim,
      },
    ]
  }

  function consumption(): Target[] {
    const ours = consumptionPostgres.find(({ name }) => name.startsWith('hookport'))
    if (!ours) return []
    return consumptionPostgres.flatMap(({ name, eventsPerSecond }) => {
      const aim = consumptionAims.find(([rival]) => rival.test(name))?.[1]
      if (aim === undefined) return []
      const ratio = ours.eventsPerSecond / eventsPerSecond
      return {
        what: `consumption from Postgres: ${name}`,
        aim: `${aim}× of its events per second`,
        measured: `${ratio.toFixed(2)}×`,
        reached: ratio >= aim,
      }
    })
  }

  function effects(): Target[] {
    return once.flatMap(({ name, throughputRatio, cpuRatio }) =>
      name.startsWith('by hand')
        ? []
        : {
            what: name.replace('hookport, ', ''),
            aim: 'within 5% of the throughput of a receipt by hand',
            measured: `${throughputRatio.ratio.toFixed(2)}×, CPU time ${cpuRatio.ratio.toFixed(2)}×`,
            reached: throughputRatio.ratio >= onceAim,
          },
    )
  }

  function slowing(): Target[] {
    return growthCosts.flatMap(({ store, point, bytesPerId, acceptRatio }) =>
      bytesPerId === undefined
        ? []
        : {
            what: `${store}, ${point}: accepting`,
            aim: `at most ${slowingAim}× of what it costs with few`,
            measured: `${acceptRatio.ratio.toFixed(2)}×`,
            reached: acceptRatio.ratio <= slowingAim,
          },
    )
  }

  function memory(): Target[] {
    return remembered.flatMap(({ inbox, bytesPerId, ids }) => {
      const aim = bytesPerIdAims[inbox]
      if (aim === undefined) return []
      return {
        what: `${inbox} inbox, ${ids.toLocaleString('en')} ids`,
        aim: `at most ${aim} bytes each`,
        measured: String(Math.round(bytesPerId)),
        reached: bytesPerId <= aim,
      }
    })
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

/** By the case that is verified. */
const verifyTargets: Readonly<Record<string, (result: VerifyResult) => Target>> = {
  '400 B'({ byHandMicros, oursMicros }) {
    const ratio = byHandMicros / oursMicros
    return {
      what: 'verification of 400 B',
      aim: `${verifyAim}× createHmac`,
      measured: `${ratio.toFixed(2)}×`,
      reached: ratio >= verifyAim,
    }
  },
  '1 MiB'({ oursMicros, bareHashMicros }) {
    const ratio = oursMicros / bareHashMicros
    return {
      what: 'verification of 1 MiB',
      aim: `within ${((bareHashAim - 1) * 100).toFixed(0)}% of the bare SHA-256`,
      measured: `${((ratio - 1) * 100).toFixed(1)}% more`,
      reached: ratio <= bareHashAim,
    }
  },
}
