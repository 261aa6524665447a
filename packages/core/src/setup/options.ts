import type { Clock } from '../contracts/clock.ts'
import { defaultMaxBytesInFlight } from '../contracts/delivery.ts'
import { ConfigurationError } from '../contracts/errors.ts'
import type { EventMap } from '../contracts/event.ts'
import type { Inbox } from '../contracts/inbox.ts'
import { type Logger, silentLogger } from '../contracts/logger.ts'
import type { Observations, Observers } from '../contracts/observers.ts'
import type { Provider } from '../contracts/provider.ts'
import type { RetryPolicy } from '../handle/retry.ts'
import { memoryInbox } from '../memory/memory-inbox.ts'
import { completeClock } from '../time/system-clock.ts'
import { checkedLogger } from './checked-logger.ts'
import { closestName } from './closest-name.ts'
import { standardErrorLogger } from './standard-error-logger.ts'

const second = 1000
const minute = 60 * second
const day = 24 * 60 * minute

/** All times are in milliseconds. */
export interface ReceiverOptions<Events extends EventMap = EventMap> {
  /** What the sender's wire looks like, with its secrets. */
  provider: Provider<Events>
  /** Where accepted events live. Defaults to `memoryInbox()`, which loses them with the process. */
  inbox?: Inbox
  /**
   * `on-receipt` replies once the inbox holds the event, and handlers run afterwards. `after-handlers` runs them before it
   * replies, and leaves retries to the sender. Defaults to `on-receipt`.
   */
  acknowledge?: 'on-receipt' | 'after-handlers'
  /** How long an event id is remembered. Must cover the time over which the provider retries. Defaults to 3 days. */
  dedupeWindow?: number
  /** Only events signed less than this long ago are taken on. `Infinity` turns the check off. Defaults to `dedupeWindow`. */
  maxAge?: number
  /** How long the reply waits for the inbox before it is 503. Defaults to 3 s: Sematryx hangs up after 5 s. */
  acceptTimeout?: number
  /** Bodies of more bytes are refused while they arrive. Defaults to 1 MiB. */
  maxBodyBytes?: number
  /**
   * Bytes received of all bodies that are being read in this process, counted as they arrive. When they are used up, the body that
   * has been longest in arriving is refused with 503, not the newcomer. All receivers of a process count together, each while it
   * reads: of several figures the smallest holds. Defaults to 64 MiB; at most twice as much memory is held.
   */
  maxBytesInFlight?: number
  /** How long a body may take to arrive before it is 408 and its connection is closed. Defaults to 10 s. */
  bodyTimeout?: number
  /** When failed handlers are run again. Defaults to 8 attempts, with delays that grow from 1 s to 15 min, ±20%. */
  retry?: Partial<RetryPolicy>
  /** How long one run of a handler may take. Defaults to 30 s. */
  handlerTimeout?: number
  /** How many handlers run at once in this process. Defaults to 16. */
  concurrency?: number
  /** Whether this process handles what it accepts. False leaves that to a process that calls `start()`. Defaults to true. */
  consume?: boolean
  /**
   * Any pino-like logger, or `false` for silence. Defaults to warnings and errors on standard error, one line each: readable, or JSON with
   * `NODE_ENV=production`. Of lines that strangers can cause, at most ten a minute are written for each reason, whichever logger it is.
   */
  logger?: Logger | false
  /** Callbacks for metrics and audit. */
  observers?: Observers
  /** For tests. An inbox takes its time from its own `clock` option. */
  clock?: Clock
}

/** Options with every default filled in. */
export interface ResolvedOptions<Events extends EventMap = EventMap>
  extends Required<ReceiverOptions<Events>> {
  retry: RetryPolicy
  logger: Logger
  clock: Required<Clock>
}

const defaultRetry: RetryPolicy = { attempts: 8, initialDelay: second, maxDelay: 15 * minute, jitter: 0.2 }

const known: Record<keyof ReceiverOptions, true> = {
  provider: true,
  inbox: true,
  acknowledge: true,
  dedupeWindow: true,
  maxAge: true,
  acceptTimeout: true,
  maxBodyBytes: true,
  maxBytesInFlight: true,
  bodyTimeout: true,
  retry: true,
  handlerTimeout: true,
  concurrency: true,
  consume: true,
  logger: true,
  observers: true,
  clock: true,
}

const knownObservers: Record<keyof Observations, true> = {
  accepted: true,
  duplicate: true,
  rejected: true,
  handled: true,
  failed: true,
  dead: true,
  redriven: true,
}

/** @throws {ConfigurationError} for an unknown option, or a value that can't work. */
export function resolveOptions<Events extends EventMap>(
  options: ReceiverOptions<Events>,
): ResolvedOptions<Events> {
  assertKnown(options, known)
  const clock = completeClock(options.clock)
  const dedupeWindow = options.dedupeWindow ?? 3 * day
  const resolved: ResolvedOptions<Events> = {
    provider: options.provider,
    inbox: options.inbox ?? memoryInbox({ clock }),
    acknowledge: options.acknowledge ?? 'on-receipt',
    dedupeWindow,
    maxAge: options.maxAge ?? dedupeWindow,
    acceptTimeout: options.acceptTimeout ?? 3 * second,
    maxBodyBytes: options.maxBodyBytes ?? 1024 * 1024,
    maxBytesInFlight: options.maxBytesInFlight ?? defaultMaxBytesInFlight,
    bodyTimeout: options.bodyTimeout ?? 10 * second,
    retry: resolveRetry(options.retry ?? {}),
    handlerTimeout: options.handlerTimeout ?? 30 * second,
    concurrency: options.concurrency ?? 16,
    consume: options.consume ?? true,
    logger: resolveLogger(options.logger),
    observers: options.observers ?? {},
    clock,
  }
  assertKnown(resolved.observers, knownObservers, 'observers.')
  assertUsable(resolved)
  return resolved
}

function resolveLogger(logger: Logger | false | undefined): Logger {
  return logger === false ? silentLogger : checkedLogger(logger ?? standardErrorLogger)
}

function resolveRetry(given: Partial<RetryPolicy>): RetryPolicy {
  assertKnown(given, { attempts: true, initialDelay: true, maxDelay: true, jitter: true }, 'retry.')
  const retry: RetryPolicy = {
    attempts: given.attempts ?? defaultRetry.attempts,
    initialDelay: given.initialDelay ?? defaultRetry.initialDelay,
    maxDelay: given.maxDelay ?? defaultRetry.maxDelay,
    jitter: given.jitter ?? defaultRetry.jitter,
  }
  assertWhole('retry.attempts', retry.attempts)
  assertPositive('retry.initialDelay', retry.initialDelay)
  assertPositive('retry.maxDelay', retry.maxDelay)
  if (retry.maxDelay < retry.initialDelay) {
    throw new ConfigurationError(
      `retry.maxDelay (${retry.maxDelay} ms) is under retry.initialDelay (${retry.initialDelay} ms)`,
    )
  }
  if (!(retry.jitter >= 0 && retry.jitter <= 1))
    throw new ConfigurationError(`retry.jitter is ${retry.jitter}; it must be from 0 to 1`)
  return retry
}

function assertUsable(options: ResolvedOptions): void {
  const { provider, dedupeWindow, maxAge, acknowledge } = options
  if (typeof provider?.readSignature !== 'function') {
    throw new ConfigurationError(
      'createReceiver needs a provider, such as sematryx({ secret }), or one made by defineProvider',
    )
  }
  if (typeof options.inbox?.put !== 'function' || typeof options.inbox.consume !== 'function') {
    throw new ConfigurationError(
      'inbox is not an inbox; was its factory called, as in sqliteInbox({ path })?',
    )
  }
  if (acknowledge !== 'on-receipt' && acknowledge !== 'after-handlers') {
    throw new ConfigurationError(
      `acknowledge is ${JSON.stringify(acknowledge)}; it must be 'on-receipt' or 'after-handlers'`,
    )
  }
  assertPositive('dedupeWindow', dedupeWindow)
  if (maxAge !== Number.POSITIVE_INFINITY) assertPositive('maxAge', maxAge)
  assertPositive('acceptTimeout', options.acceptTimeout)
  assertPositive('bodyTimeout', options.bodyTimeout)
  assertPositive('handlerTimeout', options.handlerTimeout)
  assertWhole('maxBodyBytes', options.maxBodyBytes)
  assertWhole('maxBytesInFlight', options.maxBytesInFlight)
  assertWhole('concurrency', options.concurrency)
  if (dedupeWindow < provider.retryHorizon) {
    throw new ConfigurationError(
      `dedupeWindow is ${dedupeWindow} ms, but ${provider.name} retries a delivery for ${provider.retryHorizon} ms: ids would be forgotten while their events still come. Set dedupeWindow to ${provider.retryHorizon} or more`,
    )
  }
}

function assertKnown(options: object, known: Readonly<Record<string, true>>, prefix = ''): void {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue
    const meant = closestName(name, Object.keys(known))
    throw new ConfigurationError(
      `unknown option ${prefix}${name}${meant ? `; did you mean ${prefix}${meant}?` : ''}`,
    )
  }
}

function assertPositive(name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return
  throw new ConfigurationError(`${name} is ${value}; it must be a number above 0`)
}

function assertWhole(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return
  throw new ConfigurationError(`${name} is ${value}; it must be a whole number of 1 or more`)
}
