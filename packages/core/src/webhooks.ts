import type { EventMap } from './contracts/event.ts'
import type { Receiver } from './contracts/receiver/receiver.ts'

/** Something that a framework can mount, and a receiver at once. */
export type Webhooks<Mountable, Events extends EventMap> = Mountable & Receiver<Events>

/**
 * Gives what a framework mounts (a middleware function, a module of route handlers) the methods of its receiver, so that an
 * application holds one object. Registration methods return that object. For adapters.
 */
export function asWebhooks<Mountable extends object, Events extends EventMap>(
  mountable: Mountable,
  receiver: Receiver<Events>,
): Webhooks<Mountable, Events> {
  const webhooks = mountable as Webhooks<Mountable, Events>
  const methods: Omit<Receiver<Events>, 'eventTypes'> = {
    provider: receiver.provider,
    source: receiver.source,
    inbox: receiver.inbox,
    logger: receiver.logger,
    receive: (delivery) => receiver.receive(delivery),
    idle: () => receiver.idle(),
    stop: () => receiver.stop(),
    selfTest: (...test) => receiver.selfTest(...test),
    redrive: (...redrive) => receiver.redrive(...redrive),
    redriveAll: (...redrive) => receiver.redriveAll(...redrive),
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
  return Object.assign(webhooks, methods)
}
