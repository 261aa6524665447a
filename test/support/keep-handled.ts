import type { EventMap, Receiver, WebhookEvent } from '@hookport/core'
import { onTestFinished } from 'vitest'

/** Starts a receiver, stops it with the test, and answers the events that it has handled, in order. */
export function keepHandled<Events extends EventMap>(receiver: Receiver<Events>): WebhookEvent[] {
  const handled: WebhookEvent[] = []
  receiver.onAnyEvent((event) => {
    handled.push(event)
  })
  receiver.start()
  onTestFinished(() => receiver.stop())
  return handled
}
