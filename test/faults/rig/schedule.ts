import { between, pick, type Random, randomOf } from './random.ts'

/** Faults of processes, whatever the store. */
const processFaults = ['kill', 'kill', 'kill', 'freeze', 'freeze', 'deploy', 'clock'] as const

/** Events that do harm. */
const eventFaults = ['bad errors', 'bad errors', 'block', 'block', 'crash once', 'give up', 'poison'] as const

const storeFaults = {
  sqlite: ['disk full', 'file locked'],
  redis: [
    'redis killed',
    'redis paused',
    'redis frozen',
    'redis full',
    'failover in place',
    'connections reset',
    'replies lost',
  ],
  postgres: ['postgres killed', 'backends ended', 'table locked', 'connections reset', 'replies lost'],
} as const

export type StoreKind = keyof typeof storeFaults

type StoreFault = (typeof storeFaults)[StoreKind][number]
type ProcessFault = (typeof processFaults)[number]
export type EventFault = (typeof eventFaults)[number]
export type FaultKind = StoreFault | ProcessFault | EventFault

export interface Fault {
  /** Milliseconds after the beginning. */
  readonly at: number
  readonly kind: FaultKind
  /** From 0 to 1: which process, or which of the values that there are. */
  readonly choice: number
  /** How long it lasts, where it does. */
  readonly lastsMs: number
}

interface Track {
  readonly kinds: readonly FaultKind[]
  /** Milliseconds from one to the next, at least and at most. */
  readonly pause: readonly [number, number]
}

/** Faults of all kinds, in the order of their times. The same for the same seed. */
export function drawSchedule(seed: number, store: StoreKind, durationMs: number, leaseMs: number): Fault[] {
  const random = randomOf(seed)
  const tracks: Track[] = [
    { kinds: processFaults, pause: [1_000, 4_000] },
    { kinds: eventFaults, pause: [1_000, 5_000] },
    { kinds: storeFaults[store], pause: [2_500, 6_000] },
  ]
  const faults = tracks.flatMap((track) => drawTrack(random, track, durationMs, leaseMs))
  return faults.toSorted((one, other) => one.at - other.at)
}

function drawTrack(
  random: Random,
  { kinds, pause: [from, to] }: Track,
  durationMs: number,
  leaseMs: number,
): Fault[] {
  const faults: Fault[] = []
  for (let at = between(random, 500, 1_500); at < durationMs; at += between(random, from, to)) {
    const kind = pick(random, kinds)
    const lastsMs =
      kind === 'replies lost' ? between(random, 200, 600) : between(random, leaseMs, 3 * leaseMs)
    faults.push({ at, kind, choice: random(), lastsMs })
    at += lastsMs
  }
  return faults
}
