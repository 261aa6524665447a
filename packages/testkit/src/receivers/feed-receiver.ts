import { type EventMap, type Receiving, unreadableType, type WebhookEvent } from '@hookport/core'
import type { SignedDelivery } from '@hookport/sender'
import { onTestFinished } from 'vitest'

/** Starts a receiver, stops it with the test, and returns the events that it has handled, in order. */
export function keepHandled<Events extends EventMap>(receiver: Receiving<Events>): WebhookEvent[] {
  const handled: WebhookEvent[] = []
  receiver.onAnyEvent((event) => {
    handled.push(event)
  })
  receiver.start()
  onTestFinished(() => receiver.stop())
  return handled
}

/** Starts a receiver that gets deliveries without a server, and stops it with the test. */
export function feedReceiver<Events extends EventMap>(receiver: Receiving<Events>) {
  const handled = keepHandled(receiver)
  return {
    /** The events that handlers saw, in order. */
    handled,
    /** Resolves with the reply once everything that was taken on is handled. It also says whether the event is kept because it could not be read. */
    async deliver({ method, headers, body, url = '/' }: FedDelivery): Promise<Fed> {
      const delivery = { method, url, headers: new Headers(headers), readBody: () => body }
      const before = await unreadableHeld(receiver)
      const reply = await receiver.receive(delivery)
      await receiver.idle()
      const isHeld = (await unreadableHeld(receiver)) > before
      return { status: reply.status, body: parsedIfJson(reply.body), ...(isHeld && { held: 'unreadable' }) }
    },
    /** The reasons of all dead letters. */
    async deadLetters(): Promise<string[]> {
      const { items } = await receiver.inbox.list({ state: 'dead' })
      return items.flatMap(({ failures }) => failures.map(({ message }) => message))
    },
  }
}

/** The delivery to send. `url` is the path and query of the request; it defaults to `/`. */
type FedDelivery = SignedDelivery & { url?: string | undefined }

interface Fed {
  readonly status: number
  readonly body: unknown
  readonly held?: 'unreadable'
}

async function unreadableHeld<Events extends EventMap>({ inbox }: Receiving<Events>): Promise<number> {
  const { items } = await inbox.list({ state: 'dead', type: unreadableType })
  return items.length
}

export const received = { status: 200, body: { received: true } }
export const invalidSignature = { status: 401, body: { error: 'invalid_signature' } }
export const missingSignature = { status: 401, body: { error: 'missing_signature' } }
/** Authentic, but not a readable event: acknowledged, and kept as a dead letter. */
export const heldUnreadable = { status: 200, body: { received: true }, held: 'unreadable' }

/** Handshakes are answered in plain text. */
function parsedIfJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
