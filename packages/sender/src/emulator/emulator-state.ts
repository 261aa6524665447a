import { resolveMischief } from '../planning/mischief.ts'
import { createRandom } from '../random/random.ts'
import { type SenderClock, systemClock } from '../sending/clock.ts'
import type { JaotForm } from '../wire/wire-form.ts'
import { DeliveryLog } from './delivery-log.ts'
import { Dispatcher } from './dispatcher.ts'
import type { EmulatorOptions } from './emulator-options.ts'
import type { Losses } from './losses.ts'
import { Registrations } from './registrations.ts'
import { type ListForm, Optimizations } from './sematryx/optimizations.ts'
import { RateLimit } from './sematryx/rate-limit.ts'

/** The state of the emulated providers. Their APIs use it. */
export interface EmulatorState {
  readonly registrations: Registrations
  readonly log: DeliveryLog
  readonly optimizations: Optimizations
  readonly rateLimit: RateLimit
  readonly jaotRateLimit: RateLimit | undefined
  readonly losses: Losses
  readonly jaotFiresPerMinute: number
  readonly sematryxList: ListForm
  readonly dispatcher: Dispatcher
  readonly clock: SenderClock
  readonly jaotForm: JaotForm
  newId(prefix: string): string
  nextSeed(): number
}

/** @throws {RangeError} for mischief options that can't work. */
export function createState(options: EmulatorOptions): EmulatorState {
  const { clock = systemClock, mischief = {}, seed = 1, jaotForm = 'real' } = options
  resolveMischief(mischief)
  const log = new DeliveryLog()
  const random = createRandom(seed)
  let seeds = seed * 1_000
  return {
    registrations: new Registrations(),
    log,
    optimizations: new Optimizations(),
    rateLimit: new RateLimit(options.sematryxRequestsPerMinute ?? 300),
    jaotRateLimit:
      options.jaotRequestsPerMinute === undefined ? undefined : new RateLimit(options.jaotRequestsPerMinute),
    losses: options.losses ?? {},
    jaotFiresPerMinute: options.jaotFiresPerMinute ?? 10,
    sematryxList: options.sematryxList ?? 'array',
    dispatcher: new Dispatcher(log, { ...options, clock, mischief, seed }),
    clock,
    jaotForm,
    newId: (prefix) => `${prefix}_${random.hex(16)}`,
    nextSeed() {
      seeds += 1
      return seeds
    },
  }
}
