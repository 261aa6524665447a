/** Welch's t of two samples that may differ in variance and in number. */
export function welch(one: readonly number[], other: readonly number[]): number {
  const [first, second] = [describe(one), describe(other)]
  return (first.mean - second.mean) / Math.sqrt(first.errorSquared + second.errorSquared)
}

function describe(values: readonly number[]): { mean: number; errorSquared: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  return { mean, errorSquared: variance / values.length }
}
