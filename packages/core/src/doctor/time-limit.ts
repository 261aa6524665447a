/** How long a diagnosis may take. Its steps ask whether there is time for another. */
export class TimeLimit {
  readonly #endsAt: number

  constructor(withinMs: number) {
    this.#endsAt = workedMs() + withinMs
  }

  get isOver(): boolean {
    return workedMs() > this.#endsAt
  }
}

/** Milliseconds of CPU time of this process, so that a busy machine does not cut a diagnosis short. Wall time where there is no CPU time. */
function workedMs(): number {
  const usage = cpuUsage()
  return usage === undefined ? performance.now() : (usage.user + usage.system) / 1000
}

/** Edge runtimes have none, or one that throws. Their compilers warn about it unless it is looked up on `globalThis`. */
function cpuUsage(): NodeJS.CpuUsage | undefined {
  try {
    return globalThis.process?.cpuUsage?.()
  } catch {
    return undefined
  }
}
