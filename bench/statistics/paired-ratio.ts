import { median, percentile } from './percentile.ts'

export interface Ratio {
  readonly ratio: number
  /** 95% confidence interval. */
  readonly low: number
  readonly high: number
}

const resamples = 2000

/** The median of paired ratios, with a bootstrapped 95% confidence interval. */
export function pairedRatio(numerators: readonly number[], denominators: readonly number[]): Ratio {
  const ratios = numerators.map((numerator, index) => numerator / (denominators[index] as number))
  const medians = Array.from({ length: resamples }, () => median(ratios.map(() => pick(ratios))))
  return { ratio: median(ratios), low: percentile(medians, 2.5), high: percentile(medians, 97.5) }
}

function pick(values: readonly number[]): number {
  return values[Math.floor(Math.random() * values.length)] as number
}
