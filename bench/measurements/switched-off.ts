import { median } from '../statistics/percentile.ts'
import { Instruments, observeWith, silentLogger } from './core-internals.ts'

const calls = 1_000_000
const about = {
  provider: 'bench',
  source: 'bench',
  tenant: undefined,
  id: 'evt_1',
  type: 'order.paid',
  key: 'bench:evt_1',
}

export interface SwitchedOffResult {
  readonly what: string
  readonly nanosPerDelivery: number
}

/** What observers cost that nobody has given, channels that nobody listens to, and instruments that nobody has added. The log of an accepted delivery costs nothing: there is no line to write. */
export function measureSwitchedOff(rounds: number): SwitchedOffResult {
  const instruments = new Instruments(silentLogger)
  const observe = observeWith({}, silentLogger, instruments)
  let watched = 0
  const nanos: number[] = []
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now()
    for (let call = 0; call < calls; call++) {
      if (!instruments.areAbsent) watched += 1 // as a delivery asks, and an attempt
      if (!instruments.areAbsent) watched += 1
      observe('accepted', () => ({ ...about, secretIndex: call }))
      observe('handled', () => ({ ...about, attempt: call, durationMs: 1 }))
    }
    nanos.push(((performance.now() - startedAt) * 1e6) / calls)
  }
  if (watched > 0) throw new Error('somebody watches')
  return { what: 'observers, channels and instruments that nobody gave', nanosPerDelivery: median(nanos) }
}
