/** In ms. */
export interface Latencies {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

/** Percentiles by nearest rank: `p90` is the shortest duration that 90% of all do not exceed. All are 0 without durations. */
export function latenciesOf(durationsMs: readonly number[]): Latencies {
  const sorted = Float64Array.from(durationsMs).sort()
  const rank = (share: number) => round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0)
  return { p50: rank(0.5), p90: rank(0.9), p99: rank(0.99), max: rank(1) }
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100
}
