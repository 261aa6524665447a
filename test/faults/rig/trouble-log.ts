import { machineTime } from './member/journal.ts'

/** A time in which something was out of reach. */
export interface Interval {
  readonly from: number
  readonly to: number
}

export interface NamedInterval extends Interval {
  readonly name: string
}

/** When and for how long things were in trouble. */
export class TroubleLog {
  readonly intervals: NamedInterval[] = []

  add(name: string, from: number, to: number): void {
    this.intervals.push({ name, from, to })
  }

  /** Notes how long an action took. */
  async during<Result>(name: string, act: () => Promise<Result>): Promise<Result> {
    const from = machineTime()
    try {
      return await act()
    } finally {
      this.add(name, from, machineTime())
    }
  }
}

export function overlaps(one: Interval, other: Interval): boolean {
  return one.from <= other.to && other.from <= one.to
}

/** The longest stretch within an interval that none of the others covers. */
export function longestGap({ from, to }: Interval, covered: readonly Interval[]): number {
  let longest = 0
  let reached = from
  for (const next of covered.toSorted((one, other) => one.from - other.from)) {
    if (next.to <= reached || next.from >= to) continue
    longest = Math.max(longest, next.from - reached)
    reached = next.to
  }
  return Math.max(longest, to - reached)
}
