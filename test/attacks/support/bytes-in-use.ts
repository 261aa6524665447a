import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** Memory that this process still uses when its garbage is collected. */
export function bytesInUse(): number {
  collectGarbage()
  collectGarbage() // what the first one found unused is counted until it is swept
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Resolves once the servers of this process have read what was sent: for a while, they have had next to nothing to do. */
export async function allRead(): Promise<void> {
  let busy = 1
  while (busy > 0.1) {
    const before = performance.eventLoopUtilization()
    await sleep(100)
    busy = performance.eventLoopUtilization(before).utilization
  }
}
