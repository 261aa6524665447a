import { createReceiver, type Delivery, memoryInbox, type Provider, type Receiver } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { now } from './senders.ts'

/** A receiver that takes on and does not handle. */
export function acceptingReceiver(provider: Provider, observers = {}): Receiver {
  const clock = manualClock(now)
  return createReceiver({
    logger: false,
    provider,
    clock,
    inbox: memoryInbox({ clock }),
    consume: false,
    observers,
  })
}

/** A delivery whose headers may hold what no HTTP client would send. */
export function delivery(body: Uint8Array, headers: Readonly<Record<string, string>>): Delivery {
  return {
    method: 'POST',
    url: '/',
    headers: { get: (name) => (Object.hasOwn(headers, name) ? headers[name] : undefined) },
    readBody: () => body,
  }
}
