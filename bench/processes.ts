import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Contender, type ContenderPlan } from './contender.ts'
import { end, startPinned } from './pinned-process.ts'
import { startRedis } from './redis.ts'
import { median } from './statistics.ts'

export interface ProcessesResult {
  readonly name: string
  readonly processes: number
  readonly requestsPerSecond: number
  /** Of all processes together. */
  readonly cpuMicrosPerRequest: number
}

const mostProcesses = 2
const connectionsTogether = 64

/**
 * What a request costs when two web processes share an inbox, against one. They share a core, since load and Redis need the other: it
 * shows what sharing costs, not what a second core brings.
 */
export async function measureProcesses(rounds: number, sliceMs: number): Promise<ProcessesResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'hookport-bench-'))
  const redis = await startRedis()
  const accepting = { script: 'servers/express.ts', handles: false }
  const plans: ContenderPlan[] = [
    {
      ...accepting,
      name: 'SQLite FULL',
      env: { INBOX: 'sqlite', CONSUME: '0', SQLITE_PATH: join(folder, 'shared.db') },
    },
    { ...accepting, name: 'BullMQ', env: { INBOX: 'bullmq', CONSUME: '0', REDIS_URL: redis.url } },
  ]
  const results: ProcessesResult[] = []
  for (const plan of plans) results.push(...(await measureShared(plan, rounds, sliceMs)))
  await redis.stop()
  await rm(folder, { recursive: true, force: true })
  return results
}

async function measureShared(
  plan: ContenderPlan,
  rounds: number,
  sliceMs: number,
): Promise<ProcessesResult[]> {
  const loads = Array.from({ length: mostProcesses }, () => startPinned(1, 'load-worker.ts'))
  const servers: Contender[] = []
  for (const _ of loads)
    servers.push(await Contender.start({ ...plan, connections: connectionsTogether / mostProcesses }))
  const alone = await Contender.start({ ...plan, connections: connectionsTogether })
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
