import type { EventMap, Receiver, WebhookEvent } from '@hookport/core'
import type { SignedDelivery } from '@hookport/sender'
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

/** Starts a receiver that is handed deliveries without a server, and stops it with the test. */
export function feedReceiver<Events extends EventMap>(receiver: Receiver<Events>) {
  const handled = keepHandled(receiver)
  return {
    /** The events that handlers saw, in order. */
    handled,
    /** Answers the reply, once what was taken on is handled. */
    async deliver({ method, headers, body }: SignedDelivery): Promise<{ status: number; body: unknown }> {
      const delivery = { method, url: '/', headers: new Headers(headers), readBody: () => body }
      const reply = await receiver.receive(delivery)
      await receiver.idle()
      return { status: reply.status, body: JSON.parse(reply.body) }
    },
    /** The reasons of every dead letter. */
    async deadLetters(): Promise<string[]> {
      const { items } = await receiver.inbox.list({ state: 'dead' })
      return items.flatMap(({ failures }) => failures.map(({ message }) => message))
    },
  }
}

export const received = { status: 200, body: { received: true } }
export const invalidSignature = { status: 401, body: { error: 'invalid_signature' } }
export const missingSignature = { status: 401, body: { error: 'missing_signature' } }
export const invalidPayload = { status: 400, body: { error: 'invalid_payload' } }
