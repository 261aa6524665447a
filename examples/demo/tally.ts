import type { Observers } from '@hookport/core'

/** Names of what is counted, and how often each was seen. */
export type Figures = Readonly<Record<string, number>>

export function sum(figures: Figures): number {
  return Object.values(figures).reduce((total, count) => total + count, 0)
}

/** Counts what happens, by name. */
export class Tally {
  readonly #figures = new Map<string, number>()

  /** What a receiver reports about itself. */
  readonly observers: Observers = {
    accepted: () => this.add({ accepted: 1 }),
    reconciled: () => this.add({ 'found by asking': 1 }),
    duplicate: () => this.add({ 'duplicates recognised': 1 }),
    rejected: ({ code }) => this.add({ [`refused: ${code}`]: 1 }),
    handled: () => this.add({ handled: 1 }),
    parked: () => this.add({ 'parked, as no handler is for its type': 1 }),
    failed: () => this.add({ retried: 1 }),
    dead: () => this.add({ 'dead letters': 1 }),
  }

  add(figures: Figures): void {
    for (const [name, count] of Object.entries(figures)) this.#figures.set(name, this.of(name) + count)
  }

  of(name: string): number {
    return this.#figures.get(name) ?? 0
  }

  get unfinished(): number {
    const ends = ['handled', 'parked, as no handler is for its type', 'dead letters']
    const begun = this.of('accepted') + this.of('found by asking')
    return ends.reduce((left, end) => left - this.of(end), begun)
  }

  equals(other: Tally): boolean {
    return this.#namesWith(other).every((name) => this.of(name) === other.of(name))
  }

  /** A table of both, a row per figure. */
  compareWith(expected: Tally): string {
    const row = (name: string, wanted: unknown, found: unknown, mark: string) =>
      `  ${name.padEnd(40)} ${String(wanted).padStart(10)} ${String(found).padStart(10)}   ${mark}`
    const rows = this.#namesWith(expected).map((name) => {
      const [wanted, found] = [expected.of(name), this.of(name)]
      return row(name, wanted, found, wanted === found ? '✓' : '✗')
    })
    return [row('', 'expected', 'counted', ''), ...rows].join('\n')
  }

  #namesWith(other: Tally): string[] {
    return [...new Set([...other.#figures.keys(), ...this.#figures.keys()])].sort(
      (one, two) => rank(one) - rank(two) || one.localeCompare(two),
    )
  }
}

const order = [
  'sent, answered',
  'accepted',
  'found',
  'duplicates',
  'refused',
  'handled',
  'parked',
  'retried',
  'dead',
]

function rank(name: string): number {
  return order.findIndex((prefix) => name.startsWith(prefix))
}
