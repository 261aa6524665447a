import { join } from 'node:path'
import { Contender, type ContenderPlan, usualConnections } from '../load/contender.ts'
import { end, startPinned } from '../load/pinned-process.ts'
import { withRedis } from '../load/redis.ts'
import { withFolder } from '../load/temporary-folder.ts'
import { median } from '../statistics/percentile.ts'

export interface ProcessesResult {
  readonly name: string
  readonly processes: number
  readonly requestsPerSecond: number
  /** Of all processes together. */
  readonly cpuMicrosPerRequest: number
}

const mostProcesses = 2

/**
 * What a request costs when two web processes share an inbox, against one. They share a core, since load and Redis need the other: it
 * shows what sharing costs, not what a second core brings.
 */
export function measureProcesses(rounds: number, sliceMs: number): Promise<ProcessesResult[]> {
  return withFolder((folder) =>
    withRedis(async (redisUrl) => {
      const results: ProcessesResult[] = []
      for (const plan of plansFor(join(folder, 'shared.db'), redisUrl))
        results.push(...(await measureShared(plan, rounds, sliceMs)))
      return results
    }),
  )
}

function plansFor(sqlitePath: string, redisUrl: string): ContenderPlan[] {
  const accepting = { script: 'servers/express.ts', handles: false }
  return [
    {
      ...accepting,
      name: 'SQLite FULL',
      env: { INBOX: 'sqlite', CONSUME: '0', SQLITE_PATH: sqlitePath },
    },
    { ...accepting, name: 'BullMQ', env: { INBOX: 'bullmq', CONSUME: '0', REDIS_URL: redisUrl } },
  ]
}

async function measureShared(
  plan: ContenderPlan,
  rounds: number,
  sliceMs: number,
): Promise<ProcessesResult[]> {
  const loads = Array.from({ length: mostProcesses }, () => startPinned(1, 'load/load-worker.ts'))
  const servers: Contender[] = []
  for (const _ of loads)
    servers.push(await Contender.start({ ...plan, connections: usualConnections / mostProcesses }))
  const alone = await Contender.start(plan)
  const slices = {
    one: [] as { rate: number; cpu: number }[],
    two: [] as { rate: number; cpu: number }[],
  }
  try {
    for (let round = -2; round < rounds; round++) {
      const [load] = loads
      const single = await alone.measure(load as (typeof loads)[number], sliceMs)
      const both = await Promise.all(
        servers.map((server, index) => server.measure(loads[index] as (typeof loads)[number], sliceMs)),
      )
      if (round < 0) continue // to warm up
      slices.one.push({ rate: single.requestsPerSecond, cpu: single.cpuMicrosPerRequest })
      slices.two.push({
        rate: both.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond, 0),
        cpu: both.reduce((sum, { cpuMicrosPerRequest }) => sum + cpuMicrosPerRequest, 0) / both.length,
      })
    }
  } finally {
    await Promise.all([...servers, alone].map((server) => server.stop()))
    await Promise.all(loads.map(end))
  }
  return [slices.one, slices.two].map((measured, index) => ({
    name: plan.name,
    processes: index + 1,
    requestsPerSecond: median(measured.map(({ rate }) => rate)),
    cpuMicrosPerRequest: median(measured.map(({ cpu }) => cpu)),
  }))
}
