/** Keeps the processor busy for so many percent of what a request has cost of late, each time that one is handled. */
export function wasteOf(percent: number): () => void {
  let [calls, spentBefore, wasteMicros] = [0, spent(), 0]
  return () => {
    calls += 1
    if (calls % reckonedAfter === 0) {
      const now = spent()
      wasteMicros = ((now - spentBefore) / reckonedAfter) * (percent / (100 + percent)) // what it wastes is in it already
      spentBefore = now
    }
    const end = performance.now() + wasteMicros / 1000
    while (performance.now() < end);
  }
}

const reckonedAfter = 500

/** CPU time of this process, in microseconds. */
function spent(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
