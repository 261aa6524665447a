import { cpus, release, totalmem } from 'node:os'
import { measureConsumption } from './measurements/consumption/consumption.ts'
import { measurePostgresConsumption } from './measurements/consumption/consumption-postgres.ts'
import { measureDeadTuples } from './measurements/growth/dead-tuples.ts'
import { type Extent, measureGrowth } from './measurements/growth/growth.ts'
import { measurePrune } from './measurements/growth/prune.ts'
import { measureRemembered } from './measurements/growth/remembered.ts'
import { measureHostile } from './measurements/hostile.ts'
import { measureIdle } from './measurements/idle-consumers.ts'
import { measureOnce } from './measurements/once.ts'
import { measureProcesses } from './measurements/processes.ts'
import { measureSwitchedOff } from './measurements/switched-off.ts'
import { measureVerify } from './measurements/verify.ts'
import type { Results } from './report/results.ts'
import { toMarkdown } from './report/table.ts'
import { type GrowthResult, growths, runGrowth } from './suites/growth-suites.ts'
import { type RunOptions, runSuite, type SuiteResult } from './suites/run-suite.ts'
import { suites } from './suites/suites.ts'

/** Everything that can be measured, by name. */
export const names: readonly string[] = [
  ...[...suites, ...growths].map(({ name }) => name),
  'processes',
  'consumption',
  'consumption-postgres',
  'verify',
  'switched-off',
  'remembered',
  'prune',
  'hostile',
  'once',
  'growth',
  'idle',
  'dead-tuples',
]

/** In less than two minutes. */
export const shortRun: readonly string[] = [
  'express',
  'fastify',
  'bullmq',
  'sqlite-express',
  'verify',
  'switched-off',
]

const shortExtent: Extent = { events: 4_000, rounds: 3, backlogs: [100_000], ids: 100_000 }
const fullExtent: Extent = { events: 8_000, rounds: 5, backlogs: [100_000, 1_000_000], ids: 1_000_000 }

/** Measures what is named, and prints each result as it comes. `thorough`: with more events, for figures that are published. */
export async function measure(
  wanted: readonly string[],
  options: RunOptions & { thorough: boolean },
): Promise<Results> {
  const { rounds, sliceMs, thorough } = options
  const suiteResults: SuiteResult[] = []
  for (const suite of suites.filter(({ name }) => wanted.includes(name))) {
    const result = await runSuite(suite, options)
    process.stdout.write(`\n${toMarkdown(result)}\n`)
    suiteResults.push(result)
  }
  const growth: GrowthResult[] = []
  for (const one of growths.filter(({ name }) => wanted.includes(name))) {
    const result = await runGrowth(one, { ...options, rounds: Math.ceil(rounds / 2) })
    console.table(growthRows(result))
    growth.push(result)
  }
  return {
    on: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    suites: suiteResults,
    growth,
    processes: await rows('processes', () => measureProcesses(rounds, sliceMs)),
    consumption: await rows('consumption', () => measureConsumption(thorough ? 20_000 : 5_000)),
    consumptionPostgres: await rows('consumption-postgres', () =>
      measurePostgresConsumption(thorough ? 20_000 : 5_000),
    ),
    verify: await rows('verify', () => measureVerify(thorough ? 60 : 20)),
    switchedOff: await rows('switched-off', () => [measureSwitchedOff(rounds)]),
    remembered: await rows('remembered', () => measureRemembered(thorough ? 1_000_000 : 200_000)),
    prune: await rows('prune', measurePrune),
    hostile: await rows('hostile', measureHostile),
    once: await rows('once', measureOnce),
    growthCosts: await rows('growth', () =>
      measureGrowth(thorough ? fullExtent : shortExtent, options.report),
    ),
    idle: await rows('idle', () => measureIdle(thorough ? 20 : 10)),
    deadTuples: await rows('dead-tuples', () => measureDeadTuples(thorough ? 1_000_000 : 200_000)),
  }

  async function rows<Row>(name: string, run: () => Row[] | Promise<Row[]>): Promise<Row[]> {
    if (!wanted.includes(name)) return []
    options.report(name)
    const result = await run()
    console.table(result)
    return result
  }
}

function growthRows({ title, points }: GrowthResult) {
  return points.map(({ label, byHand, ours }) => ({
    [title]: label,
    byHandMicros: byHand.cpuMicrosPerRequest,
    oursMicros: ours.cpuMicrosPerRequest,
    ratio: ours.cpuRatio.ratio,
    byHandP99Ms: byHand.p99Ms,
    oursP99Ms: ours.p99Ms,
  }))
}

function describeMachine(): string {
  const model = cpus()[0]?.model.trim()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} cores (${model}), ${memory} GiB, Linux ${release()}, Node ${process.version}`
}
