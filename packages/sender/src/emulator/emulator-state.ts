import { assertKnown, type NamesOf } from '../known-options.ts'
import { resolveMischief } from '../planning/mischief.ts'
import { createRandom } from '../random/random.ts'
import { type SenderClock, systemClock } from '../sending/clock.ts'
import { duration } from '../sending/sender-options.ts'
import { type JaotForm, wireForms } from '../wire/wire-form.ts'
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

const optionNames: NamesOf<EmulatorOptions> = {
  port: true,
  host: true,
  apiKeys: true,
  clock: true,
  timeScale: true,
  timeoutMs: true,
  sematryxForm: true,
  sematryxList: true,
  sematryxRequestsPerMinute: true,
  jaotForm: true,
  mischief: true,
  losses: true,
  jaotFiresPerMinute: true,
  jaotRequestsPerMinute: true,
  onAttempt: true,
  seed: true,
}

/** @throws {RangeError} for a number that can't work; {TypeError} for an unknown option, or a value of the wrong kind. */
export function createState(options: EmulatorOptions): EmulatorState {
  assertKnown('startEmulator', options, optionNames)
  const { clock = systemClock, mischief = {}, jaotForm = 'real' } = options
  resolveMischief(mischief)
  assertWorkable(options)
  const seed = (options.seed ?? 1) >>> 0 // as all seeds are taken; multiplied, a large one would leave no room to count
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

/** What is wrong is said at start: later only a delivery would fail, where nobody looks. */
function assertWorkable({ timeScale = 1, timeoutMs = 0, apiKeys = [], ...more }: EmulatorOptions): void {
  duration('timeScale', timeScale)
  duration('timeoutMs', timeoutMs)
  if (more.host === '') throw new TypeError('host is empty, which would be every address of this machine')
  if (!Array.isArray(apiKeys)) throw new TypeError('apiKeys must be a list of keys')
  for (const name of ['sematryxRequestsPerMinute', 'jaotFiresPerMinute', 'jaotRequestsPerMinute'] as const) {
    const value = more[name] ?? 0
    if (!Number.isFinite(value) || value < 0) throw new RangeError(`${name} must be 0 or more: ${value}`)
  }
  if (!Number.isSafeInteger(more.seed ?? 1)) throw new RangeError(`seed must be a whole number: ${more.seed}`)
  assertForm('sematryxForm', more.sematryxForm, wireForms.sematryx)
  assertForm('jaotForm', more.jaotForm, wireForms.jaot)
}

function assertForm(name: string, form: string | undefined, forms: readonly string[]): void {
  if (form === undefined || forms.includes(form)) return
  throw new TypeError(`${name} is ${JSON.stringify(form)}: expected ${forms.join(', ')}`)
}
