import { join } from 'node:path'
import { Contender, type ContenderPlan, type Measurement, usualConnections } from '../load/contender.ts'
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

const loadWorker = 'load/load-worker.ts'

type Slice = Pick<Measurement, 'requestsPerSecond' | 'cpuMicrosPerRequest'>

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
  const accepting = (name: string, store: Record<string, string>) => ({
    name,
    script: 'servers/express.ts',
    handles: false,
    env: { CONSUME: '0', ...store },
  })
  return [
    accepting('SQLite FULL', { INBOX: 'sqlite', SQLITE_PATH: sqlitePath }),
    accepting('BullMQ', { INBOX: 'bullmq', REDIS_URL: redisUrl }),
  ]
}

async function measureShared(
  plan: ContenderPlan,
  rounds: number,
  sliceMs: number,
): Promise<ProcessesResult[]> {
  const loads = [startPinned(1, loadWorker), startPinned(1, loadWorker)] as const
  const contenders: Contender[] = []
  const start = async (connections: number) => {
    const contender = await Contender.start({ ...plan, connections })
    contenders.push(contender)
    return contender
  }
  try {
    const alone = await start(usualConnections)
    const one = await start(usualConnections / 2)
    const other = await start(usualConnections / 2)
    const measured: [Slice[], Slice[]] = [[], []]
    for (let round = -2; round < rounds; round++) {
      const single = await alone.measure(loads[0], sliceMs)
      const both = await Promise.all([one.measure(loads[0], sliceMs), other.measure(loads[1], sliceMs)])
      if (round < 0) continue // to warm up
      measured[0].push(single)
      measured[1].push(together(both))
    }
    return measured.map((slices, index) => ({
      name: plan.name,
      processes: index + 1,
      requestsPerSecond: median(slices.map(({ requestsPerSecond }) => requestsPerSecond)),
      cpuMicrosPerRequest: median(slices.map(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest)),
    }))
  } finally {
    await Promise.all(contenders.map((contender) => contender.stop()))
    await Promise.all(loads.map(end))
  }
}

function together([one, other]: readonly [Slice, Slice]): Slice {
  return {
    requestsPerSecond: one.requestsPerSecond + other.requestsPerSecond,
    cpuMicrosPerRequest: (one.cpuMicrosPerRequest + other.cpuMicrosPerRequest) / 2,
  }
}
