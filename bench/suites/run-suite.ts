import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { Contender } from '../load/contender.ts'
import { end, startPinned } from '../load/pinned-process.ts'
import { withPostgres } from '../load/postgres.ts'
import { withRedis } from '../load/redis.ts'
import { withFolder } from '../load/temporary-folder.ts'
import { pairedRatio, type Ratio } from '../statistics/paired-ratio.ts'
import { median, percentile } from '../statistics/percentile.ts'
import type { Suite } from './suites.ts'

export interface ContenderResult {
  readonly name: string
  readonly requestsPerSecond: number
  readonly cpuMicrosPerRequest: number
  /** Of heap, allocated by the server. Left out where a run of an earlier version had no such figure. */
  readonly bytesPerRequest?: number
  /** At half of what the slowest contender can take. */
  readonly p50Ms: number
  readonly p99Ms: number
  /** The p99 over the rival's. Below 1 is better. */
  readonly p99Ratio: number
  /** How many times the rival's: CPU time of the rival over ours, our throughput over the rival's. Above 1 is better. */
  readonly cpuRatio: Ratio
  readonly throughputRatio: Ratio
  readonly reach?: number
  readonly reachInThroughput?: number
}

export interface SuiteResult {
  readonly name: string
  readonly title: string
  readonly contenders: readonly ContenderResult[]
  /**
   * The part of a slice in which the load generator had nothing to do, in the median. Left out where a run of an earlier version
   * had no such figure.
   */
  readonly generatorIdleShare?: number
}

export interface RunOptions {
  readonly rounds: number
  readonly sliceMs: number
  report(progress: string): void
}

/** V8 takes tens of thousands of requests to compile what it will compile. */
const warmUpRequests = 60_000
const warmUpSliceMs = 500
const mostWarmUpSlices = 10

/** Measures the contenders of a suite in short slices, all of them in every round, in an order that is shuffled anew. */
export function runSuite(suite: Suite, options: RunOptions): Promise<SuiteResult> {
  return withFolder((folder) => {
    if (suite.needsRedis) return withRedis((url) => runOn(folder, { REDIS_URL: url }, suite, options))
    const { needsPostgres } = suite
    if (needsPostgres === undefined) return runOn(folder, {}, suite, options)
    return withPostgres((urls) => runOn(folder, { POSTGRES_URL: urls[needsPostgres] }, suite, options))
  })
}

async function runOn(
  folder: string,
  server: Readonly<Record<string, string>>,
  suite: Suite,
  options: RunOptions,
): Promise<SuiteResult> {
  const { rounds, sliceMs, report } = options
  const load = startPinned(1, 'load/load-worker.ts')
  const contenders: Contender[] = []
  try {
    for (const [index, plan] of [suite.rival, ...suite.contenders].entries()) {
      const env = { ...plan.env, SQLITE_PATH: join(folder, `${index}.db`), ...server }
      contenders.push(await Contender.start({ ...plan, env }))
    }
    await warmUp(contenders, load)
    for (let round = 1; round <= rounds; round++) {
      report(`${suite.name}: round ${round} of ${rounds}`)
      for (const contender of shuffled(contenders))
        contender.measurements.push(await contender.measure(load, sliceMs))
    }
    const summaries = await summarize(contenders, suite, load, options)
    for (const contender of contenders) await contender.assertKept()
    return {
      name: suite.name,
      title: suite.title,
      contenders: summaries,
      generatorIdleShare: median(
        contenders.flatMap(({ measurements }) => measurements.map((slice) => slice.generatorIdleShare)),
      ),
    }
  } finally {
    await Promise.all(contenders.map((contender) => contender.stop()))
    await end(load)
  }
}

async function warmUp(contenders: readonly Contender[], load: ChildProcess): Promise<void> {
  for (let slice = 0; slice < mostWarmUpSlices; slice++) {
    for (const contender of contenders) {
      if (contender.sent < warmUpRequests) await contender.measure(load, warmUpSliceMs)
    }
  }
}

async function summarize(
  contenders: readonly Contender[],
  suite: Suite,
  load: ChildProcess,
  options: RunOptions,
): Promise<ContenderResult[]> {
  const rival = contenders[0] as Contender
  const cpuOf = ({ measurements }: Contender) =>
    measurements.map(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest)
  const rateOf = ({ measurements }: Contender) =>
    measurements.map(({ requestsPerSecond }) => requestsPerSecond)
  const halfLoad = Math.min(...contenders.map((contender) => median(rateOf(contender)))) / 2
  const bytesOf = await measureAllocations(contenders, load, options.sliceMs)
  const latencies = await measureLatencies(contenders, load, options, halfLoad)
  const p99Of = (contender: Contender) => percentile(latencies.get(contender) ?? [], 99)
  return contenders.map((contender) => {
    const reach = suite.reach?.[contender.plan.name]
    const reachInThroughput = suite.reachInThroughput?.[contender.plan.name]
    return {
      name: contender.plan.name,
      requestsPerSecond: median(rateOf(contender)),
      cpuMicrosPerRequest: median(cpuOf(contender)),
      bytesPerRequest: bytesOf.get(contender) ?? 0,
      p50Ms: median(latencies.get(contender) ?? []),
      p99Ms: p99Of(contender),
      p99Ratio: p99Of(contender) / p99Of(rival),
      cpuRatio: pairedRatio(cpuOf(rival), cpuOf(contender)),
      throughputRatio: pairedRatio(rateOf(contender), rateOf(rival)),
      ...(reach !== undefined && { reach }),
      ...(reachInThroughput !== undefined && { reachInThroughput }),
    }
  })
}

/** In slices of their own: what counts the bytes looks at every collection. */
async function measureAllocations(
  contenders: readonly Contender[],
  load: ChildProcess,
  sliceMs: number,
): Promise<Map<Contender, number>> {
  const bytes = new Map<Contender, number>()
  for (const contender of contenders) {
    const measured: number[] = []
    for (let slice = 0; slice < 3; slice++)
      measured.push(await contender.measureAllocation(load, 2 * sliceMs))
    bytes.set(contender, median(measured))
  }
  return bytes
}

/** At a rate that leaves every contender idle for some of the time, where waiting shows what a reply takes. */
async function measureLatencies(
  contenders: readonly Contender[],
  load: ChildProcess,
  { rounds, sliceMs }: RunOptions,
  rate: number,
): Promise<Map<Contender, readonly number[]>> {
  const latencies = new Map<Contender, readonly number[]>()
  for (let round = 0; round < rounds; round++) {
    for (const contender of shuffled(contenders)) {
      const { latenciesMs } = await contender.measure(load, sliceMs, rate)
      latencies.set(contender, [...(latencies.get(contender) ?? []), ...latenciesMs])
    }
  }
  return latencies
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item)
}
