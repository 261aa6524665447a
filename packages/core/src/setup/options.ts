import type { Clock } from '../contracts/clock.ts'
import { defaultMaxBytesInFlight } from '../contracts/delivery.ts'
import { ConfigurationError } from '../contracts/errors.ts'
import type { EventMap } from '../contracts/event.ts'
import { foundValue } from '../contracts/found-value.ts'
import type { Inbox } from '../contracts/inbox/inbox.ts'
import { type Logger, silentLogger } from '../contracts/logger.ts'
import type { Provider } from '../contracts/provider/provider.ts'
import { type Observers, observationNames } from '../contracts/receiver/observers.ts'
import type { OrderOptions } from '../contracts/receiver/order.ts'
import type { Source } from '../contracts/reconcile/source.ts'
import { memoryInbox } from '../memory/memory-inbox.ts'
import {
  assertFitting,
  assertKnown,
  assertObject,
  oneOf,
  positiveNumber,
  positiveOrInfinite,
  share,
  type ValuesOf,
  wholeNumber,
  withDefaults,
  yesOrNo,
  zeroOrMore,
} from '../options/option-table.ts'
import { Redaction } from '../redact/redaction.ts'
import { completeClock } from '../time/system-clock.ts'
import { checkReconcile } from './check-reconcile.ts'
import { checkedLogger } from './checked-logger.ts'
import { assertOrder } from './order-option.ts'
import { standardErrorLogger } from './standard-error-logger.ts'

const second = 1000
const minute = 60 * second
const day = 24 * 60 * minute

/** Options that are plain values. A new option needs one line here, and the code that uses it. */
const plainOptions = {
  /**
   * `on-receipt` replies once the inbox holds the event, and handlers run afterwards. `after-handlers` runs them before it
   * replies, and leaves retries to the sender. Defaults to `on-receipt`.
   */
  acknowledge: oneOf('on-receipt', 'after-handlers'),
  /** How long an event id is remembered. Must cover the time over which the provider retries. Defaults to 3 days. */
  dedupeWindow: positiveNumber(3 * day),
  /** How long the reply waits for the inbox. Then it is 503. Defaults to 3 s, as Sematryx hangs up after 5 s. */
  acceptTimeout: positiveNumber(3 * second),
  /** Larger bodies are refused while they arrive. Defaults to 1 MiB. */
  maxBodyBytes: wholeNumber(1024 * 1024),
  /**
   * Limit on the bytes of all bodies that this process is reading, counted as they arrive, and of those that wait for their secret. At the limit, the
   * body that has been arriving or waiting for longest is refused with 503, not the newest. All receivers of a process count together; if their limits
   * differ, the smallest applies. Defaults to 64 MiB. At most twice as much memory is used.
   */
  maxBytesInFlight: wholeNumber(defaultMaxBytesInFlight),
  /** How long a body may take to arrive. Then the reply is 408, and the connection is closed. Defaults to 10 s. */
  bodyTimeout: positiveNumber(10 * second),
  /**
   * What becomes of an event that no handler wants. `park` keeps it until a process has a handler for it; `drop` drops it at once. Both are logged
   * and observed. Defaults to `park`.
   */
  unhandled: oneOf('park', 'drop'),
  /**
   * How long an event is parked before it is dropped. In memory it is dropped when the next event after that time is handled or parked. Defaults to
   * 30 days.
   */
  keepParkedFor: positiveNumber(30 * day),
  /** How many bytes of bodies may be parked; beyond that the oldest are dropped. Defaults to 64 MiB. */
  maxParkedBytes: wholeNumber(64 * 1024 * 1024),
  /**
   * How long a handled event is kept, so that it can be handled again: see `replay`. It takes up room in the inbox, and is deleted earlier where room
   * is short. Defaults to 0, which keeps none.
   */
  keepHandledFor: zeroOrMore(0),
  /** How long one attempt of a handler may take. Defaults to 25 s, as container platforms give a process 30 s to stop. */
  handlerTimeout: positiveNumber(25 * second),
  /** How many handlers run at once in this process. Defaults to 16. */
  concurrency: wholeNumber(16),
  /** Whether this process handles what it accepts. With false, another process has to call `start()`. Defaults to true. */
  consume: yesOrNo(true),
}

const retryOptions = {
  /** How often an event is tried before it becomes a dead letter, the first attempt included. Defaults to 8. */
  attempts: wholeNumber(8),
  /** Milliseconds before the second attempt. Defaults to 1 s. */
  initialDelay: positiveNumber(second),
  /** Milliseconds before the last attempt. The delays between grow exponentially. Defaults to 15 min. */
  maxDelay: positiveNumber(15 * minute),
  /** The share of each delay that is random: 0.2 is ±20%. Defaults to 0.2. */
  jitter: share(0.2),
}

/** When failed handlers run again. */
export interface RetryPolicy extends Readonly<ValuesOf<typeof retryOptions>> {}

/** All times are in milliseconds. */
export interface ReceiverOptions<Events extends EventMap = EventMap>
  extends Partial<ValuesOf<typeof plainOptions>> {
  /** How the sender signs and writes its deliveries, with its secrets. */
  provider: Provider<Events>
  /**
   * Name of this source of events. Give one where one inbox serves several receivers of one provider, such as two Stripe accounts, or one JAOT
   * trigger each. It is part of the keys under which events are remembered, so changing it makes known events new. At most 40 lower-case letters, digits
   * and hyphens. Defaults to the provider's name.
   */
  name?: string
  /** Where accepted events are kept. Defaults to `memoryInbox()`, which loses them with the process. */
  inbox?: Inbox
  /** Only events signed less than this long ago are taken on. `Infinity` turns the check off. Defaults to `dedupeWindow`. */
  maxAge?: number
  /** When failed handlers run again. Defaults to 8 attempts, with delays that grow from 1 s to 15 min, ±20%. */
  retry?: Partial<RetryPolicy>
  /**
   * Any pino-like logger, or `false` for none. Defaults to warnings and errors on standard error, one line each: readable, or JSON with
   * `NODE_ENV=production`. Lines that strangers can cause are limited to ten a minute for each reason, whichever logger it is.
   */
  logger?: Logger | false
  /**
   * A source, which asks the provider what has ended: `jaotRuns`, `sematryxOptimizations`, or one made by `defineSource`. What has ended without a
   * webhook is taken on, at most `every` after it is listed. Defaults to none.
   */
  reconcile?: Source
  /** Handles events of one key one at a time, in their order. Defaults to none: events are handled as they arrive, side by side. */
  order?: OrderOptions | undefined
  /**
   * The values in events that nobody may see, by paths in their payloads: `data.customer.email`, `data.items.*.name`, or `headers.authorization` of
   * the kept headers. These values are removed from the errors of handlers before they are kept, logged, observed or traced, and the inspector does
   * not show them. What a handler logs itself is not changed. Defaults to none.
   */
  redact?: readonly string[]
  /** Callbacks for metrics and audit. */
  observers?: Observers
  /** For tests. An inbox takes its time from its own `clock` option. */
  clock?: Clock
}

/** Every option of a receiver, by name. For functions that take them together with others. */
export const receiverOptionNames: Readonly<Record<keyof ReceiverOptions, unknown>> = {
  ...plainOptions,
  provider: true,
  name: true,
  inbox: true,
  maxAge: true,
  retry: true,
  logger: true,
  reconcile: true,
  order: true,
  redact: true,
  observers: true,
  clock: true,
}

/** Options with every default filled in. */
export interface ResolvedOptions<Events extends EventMap = EventMap>
  extends Required<Omit<ReceiverOptions<Events>, 'reconcile' | 'order' | 'redact'>> {
  reconcile: Source | undefined
  order: OrderOptions | undefined
  redact: Redaction
  retry: RetryPolicy
  logger: Logger
  clock: Required<Clock>
}

/** @throws {ConfigurationError} for an unknown option, or a value that can't work. */
export function resolveOptions<Events extends EventMap>(
  options: ReceiverOptions<Events>,
): ResolvedOptions<Events> {
  assertObject(options, 'createReceiver: the options are')
  assertProvider(options.provider)
  const retry = options.retry ?? {}
  const observers = options.observers ?? {}
  assertObject(retry, 'retry is')
  assertObject(observers, 'observers is')
  const clock = completeClock(options.clock)
  const plain = withDefaults(plainOptions, options)
  const resolved: ResolvedOptions<Events> = {
    ...plain,
    provider: options.provider,
    name: options.name ?? options.provider?.name,
    inbox: options.inbox === undefined ? memoryInbox({ clock }) : options.inbox, // null is a mistake, and not a wish for memory
    maxAge: options.maxAge ?? plain.dedupeWindow,
    retry: withDefaults(retryOptions, retry),
    logger: resolveLogger(options.logger),
    reconcile: options.reconcile,
    observers,
    order: options.order,
    redact: new Redaction(options.redact ?? []),
    clock,
  }
  assertKnown(options, receiverOptionNames)
  assertKnown(retry, resolved.retry, 'retry.')
  assertKnown(observers, observationNames, 'observers.')
  assertFunctions(observers)
  assertUsable(resolved)
  return resolved
}

function assertProvider(provider: Provider | undefined): void {
  if (typeof provider?.readSignature === 'function') return
  throw new ConfigurationError(
    'createReceiver needs a provider: call one of @hookport/providers with its options, or make one with defineProvider',
  )
}

function assertFunctions(observers: Observers): void {
  for (const [name, observer] of Object.entries(observers)) {
    if (observer === undefined || typeof observer === 'function') continue
    throw new ConfigurationError(`observers.${name} is ${foundValue(observer)}; it must be a function`)
  }
}

function resolveLogger(logger: Logger | false | undefined): Logger {
  return logger === false ? silentLogger : checkedLogger(logger ?? standardErrorLogger)
}

function assertUsable(options: ResolvedOptions): void {
  const { provider, inbox, dedupeWindow, retry } = options
  if (typeof inbox?.put !== 'function' || typeof inbox.consume !== 'function') {
    throw new ConfigurationError(
      'inbox is not an inbox; was its factory called, as in sqliteInbox({ path })?',
    )
  }
  if (typeof options.name !== 'string' || !/^[a-z0-9-]{1,40}$/.test(options.name)) {
    throw new ConfigurationError(
      `name is ${foundValue(options.name)}; use 1 to 40 lower-case letters, digits and hyphens`,
    )
  }
  assertFitting({ ...plainOptions, maxAge: positiveOrInfinite(dedupeWindow) }, options)
  assertFitting(retryOptions, retry, 'retry.')
  if (retry.maxDelay < retry.initialDelay) {
    throw new ConfigurationError(
      `retry.maxDelay (${retry.maxDelay} ms) is under retry.initialDelay (${retry.initialDelay} ms)`,
    )
  }
  checkReconcile(options)
  assertOrder(options.order, options.acknowledge)
  if (options.keepHandledFor > 0 && options.acknowledge === 'after-handlers') {
    throw new ConfigurationError(
      "keepHandledFor needs acknowledge: 'on-receipt': what is handled before it is acknowledged is not kept",
    )
  }
  if (dedupeWindow < provider.retryHorizon) {
    throw new ConfigurationError(
      `dedupeWindow is ${dedupeWindow} ms, but ${provider.name} retries a delivery for ${provider.retryHorizon} ms: ids would be forgotten while their events still come. Set dedupeWindow to ${provider.retryHorizon} or more`,
    )
  }
}
