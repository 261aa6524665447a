import { assertKnown, type NamesOf } from '../known-options.ts'
import { responseDeadlineOf, retrySchedules } from '../wire/retry-schedule.ts'
import { resolveWire, type Wire, type WireChoice } from '../wire/wire-form.ts'
import { type SenderClock, systemClock } from './clock.ts'
import { receiverUrl } from './receiver-url.ts'

/** Where a sender posts, how it signs, and when it tries again. */
export type SenderOptions = WireChoice & {
  /** Where to post: https, or http to a loopback host. */
  url: string | URL
  /** Whether `url` may be http to any host, such as in a Docker network. Defaults to false. */
  allowHttp?: boolean | undefined
  /** The secret shared with the receiver. `null` sends without a signature. */
  secret: string | null
  /** How long an attempt may take until its reply is read, in real ms. Defaults to the provider's deadline. */
  timeoutMs?: number | undefined
  /** The delay, in ms, before each retry, from the failure before it. Defaults to the provider's schedule. */
  schedule?: readonly number[] | undefined
  /** Defaults to the system's clock. */
  clock?: SenderClock | undefined
  /** Multiplies the retry delays only: 1/1000 turns 1 s into 1 ms, and does not change `timeoutMs`. Defaults to 1. */
  timeScale?: number | undefined
}

/** Options with all defaults filled in. */
export interface ResolvedSenderOptions {
  wire: Wire
  url: URL
  secret: string | null
  timeoutMs: number
  /** Already scaled. */
  retryDelaysMs: readonly number[]
  clock: SenderClock
}

const optionNames: NamesOf<SenderOptions> = {
  provider: true,
  form: true,
  url: true,
  allowHttp: true,
  secret: true,
  timeoutMs: true,
  schedule: true,
  clock: true,
  timeScale: true,
}

export function resolveSenderOptions(options: SenderOptions): ResolvedSenderOptions {
  assertKnown('createSender', options, optionNames)
  const wire = resolveWire(options)
  const timeScale = duration('timeScale', options.timeScale ?? 1)
  const schedule = options.schedule ?? retrySchedules[wire.provider]
  return {
    wire,
    url: receiverUrl(options.url, options.allowHttp),
    secret: presentSecret(options.secret),
    timeoutMs: duration('timeoutMs', options.timeoutMs ?? responseDeadlineOf(wire)),
    retryDelaysMs: schedule.map((delay) => duration('a delay in schedule', delay * timeScale)),
    clock: options.clock ?? systemClock,
  }
}

/** If an environment variable is not set, the sender must not silently send without signatures. */
function presentSecret(secret: string | null | undefined): string | null {
  if (secret === undefined || secret === '') {
    throw new TypeError('secret is missing: give a string, or null to send without a signature')
  }
  return secret
}

/** Longer waits overflow Node's timers, which would then fire at once. */
export const longestTimerMs = 2 ** 31 - 1

export function duration(name: string, value: number): number {
  if (value >= 0 && value <= longestTimerMs) return value
  throw new RangeError(`${name} must be from 0 to ${longestTimerMs}: ${value}`)
}
