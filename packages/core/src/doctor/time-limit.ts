/** How long a diagnosis may take: its steps ask whether there is time for another. */
export class TimeLimit {
  readonly #endsAt: number

  constructor(withinMs: number) {
    this.#endsAt = workedMs() + withinMs
  }

  get isOver(): boolean {
    return workedMs() > this.#endsAt
  }
}

/** Milliseconds of CPU time of this process, so that a machine under load does not cut a diagnosis short; of the clock where that is not to be had. */
function workedMs(): number {
  if (typeof process !== 'object' || typeof process.cpuUsage !== 'function') return performance.now()
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
