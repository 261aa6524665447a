import type { Reply } from './contracts/delivery.ts'
import { ConfigurationError } from './contracts/errors.ts'
import type { EventMap } from './contracts/event.ts'
import type { DrainRequest, DrainRouteOptions } from './contracts/receiver/drain.ts'
import type { Receiver, Receiving } from './contracts/receiver/receiver.ts'
import { shareTestBench } from './testing/test-bench.ts'

/** Something that a framework can mount, and a receiver at once. `drain` makes what the framework mounts for a cron. */
export type Webhooks<Mountable, Events extends EventMap, Route = unknown> = Mountable &
  Receiving<Events> & {
    /**
     * Makes the route for a cron: by GET or POST, with `Authorization: Bearer <secret>`, it has what is due handled, and answers the counts
     * as JSON (`DrainCounts`); anybody else is answered 401.
     *
     * @throws {ConfigurationError} for a secret that is missing, empty or padded, or a `maxMs` that can't work.
     */
    drain(options: DrainRouteOptions): Route
  }

/** What answers a request for a drain. */
export type AnswerDrain = (request: DrainRequest) => Promise<Reply>

/**
 * Checks what an adapter is given in place of a receiver. For adapters.
 *
 * @param call the adapter's name, for the error.
 * @throws {ConfigurationError} for a value that is not a receiver. It says which function makes one.
 */
export function assertReceiver(given: unknown, call: string): void {
  const { receive, onEvent, readSignature } = (given ?? {}) as Record<string, unknown>
  if (typeof receive === 'function' && typeof onEvent === 'function') return
  if (typeof readSignature === 'function')
    throw new ConfigurationError(
      `${call} needs a receiver and was given a provider: createReceiver({ provider }) makes a receiver of it`,
    )
  const found = given === undefined || given === null ? 'nothing' : `a value of type ${typeof given}`
  throw new ConfigurationError(
    `${call} needs a receiver and was given ${found}: pass what createReceiver({ provider }) or a …Receiver({ secret }) function has made`,
  )
}

/**
 * Gives what a framework mounts (a middleware function, a module of route handlers) the methods of its receiver, so that an
 * application holds one object. Registration methods return that object. For adapters.
 *
 * @param toRoute makes what the framework mounts of what answers requests for drains.
 * @throws {ConfigurationError} for a value that is not a receiver.
 */
export function asWebhooks<Mountable extends object, Events extends EventMap, Route>(
  mountable: Mountable,
  receiver: Receiver<Events>,
  toRoute: (answer: AnswerDrain, receiver: Receiver<Events>) => Route,
): Webhooks<Mountable, Events, Route> {
  assertReceiver(receiver, 'asWebhooks')
  const webhooks = mountable as Webhooks<Mountable, Events, Route>
  const methods: Omit<Webhooks<object, Events, Route>, 'eventTypes'> = {
    provider: receiver.provider,
    source: receiver.source,
    inbox: receiver.inbox,
    logger: receiver.logger,
    redact: receiver.redact,
    receive: (delivery) => receiver.receive(delivery),
    idle: () => receiver.idle(),
    stop: () => receiver.stop(),
    selfTest: (...test) => receiver.selfTest(...test),
    health: (options) => receiver.health(options),
    instrument: (instrument) => receiver.instrument(instrument),
    redrive: (...redrive) => receiver.redrive(...redrive),
    redriveAll: (...redrive) => receiver.redriveAll(...redrive),
    reconcile: (options) => receiver.reconcile(options),
    replay: (request) => receiver.replay(request),
    pause: (request) => receiver.pause(request),
    resume: (request) => receiver.resume(request),
    paused: () => receiver.paused(),
    expect: (...expectation) => receiver.expect(...expectation),
    expectations: () => receiver.expectations(),
    onOverdue(...registration) {
      receiver.onOverdue(...registration)
      return webhooks
    },
    drainRoute: (options) => receiver.drainRoute(options),
    drain: (options) => toRoute(receiver.drainRoute(options), receiver),
    onEvent(...registration) {
      receiver.onEvent(...registration)
      return webhooks
    },
    onAnyEvent(...registration) {
      receiver.onAnyEvent(...registration)
      return webhooks
    },
    onUnhandledEvent(...registration) {
      receiver.onUnhandledEvent(...registration)
      return webhooks
    },
    start() {
      receiver.start()
      return webhooks
    },
  }
  Object.defineProperty(webhooks, 'eventTypes', { get: () => receiver.eventTypes, enumerable: true })
  shareTestBench(receiver, webhooks)
  return Object.assign(webhooks, methods)
}
