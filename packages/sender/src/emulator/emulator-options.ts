import type { Mischief } from '../planning/mischief.ts'
import type { SenderClock } from '../sending/clock.ts'
import type { Attempt } from '../sending/deliver-with-retries.ts'
import type { JaotForm, SematryxForm } from '../wire/wire-form.ts'
import type { EmulatedDelivery } from './delivery-log.ts'
import type { Losses } from './losses.ts'
import type { ListForm } from './sematryx/optimizations.ts'

/** Where an emulator listens, and how it sends. */
export interface EmulatorOptions {
  /** Defaults to 0, which picks a free port. */
  port?: number | undefined
  /** Defaults to 127.0.0.1. The dashboard has no password, so be careful when you change this. Web pages are refused by `Host` and `Origin`. */
  host?: string | undefined
  /** The API keys that are accepted. Defaults to any. */
  apiKeys?: readonly string[] | undefined
  /** The clock for the waits between attempts. Defaults to the system's clock. */
  clock?: SenderClock | undefined
  /** Multiplies the retry delays: 1/1000 turns 1 s into 1 ms. Defaults to 1. */
  timeScale?: number | undefined
  /** How long an attempt may take, in real ms. Defaults to the provider's deadline. */
  timeoutMs?: number | undefined
  /** How Sematryx writes its bodies. Defaults to `compact`. */
  sematryxForm?: SematryxForm | undefined
  /** How Sematryx writes its list of optimizations. Defaults to `array`. */
  sematryxList?: ListForm | undefined
  /** How many requests Sematryx's API answers for one key in a minute. Defaults to 300, its highest tier. */
  sematryxRequestsPerMinute?: number | undefined
  /** Whether a fired trigger reports as in JAOT's documentation or as JAOT's sender does. Defaults to `real`. */
  jaotForm?: JaotForm | undefined
  /** What goes wrong with deliveries. `reorder` and `rotateSecret` have no effect, as each delivery is planned by itself. */
  mischief?: Mischief | undefined
  /** What the provider loses or delays: webhooks, runs, answers. Defaults to nothing. */
  losses?: Losses | undefined
  /** How often a trigger may be fired per minute; per day it is fifty times as often. Defaults to 10, as in JAOT. */
  jaotFiresPerMinute?: number | undefined
  /** How many requests per minute JAOT's API answers for one key. Defaults to no limit, as its documentation names none. */
  jaotRequestsPerMinute?: number | undefined
  /** Called with every attempt as soon as it is over. */
  onAttempt?: ((delivery: EmulatedDelivery, attempt: Attempt) => void | Promise<void>) | undefined
  /** A whole number. The same seed gives the same events, ids and mischief. Defaults to 1. */
  seed?: number | undefined
}
