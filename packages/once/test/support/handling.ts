import type { HandlerContext, WebhookEvent } from '@hookport/core'
import { silentLogger } from '@hookport/testkit/logs'

/** An event as a handler is given it. What is not given is made up. */
export function eventOf(event: Partial<WebhookEvent> = {}): WebhookEvent {
  return {
    id: 'evt_1',
    key: `acme:${event.id ?? 'evt_1'}`,
    aliases: [],
    tenant: undefined,
    origin: 'delivery',
    type: 'order.paid',
    createdAt: new Date(0),
    data: {},
    payload: {},
    rawBody: new Uint8Array(),
    fetch: async () => undefined,
    ...event,
  }
}

export function contextOf(context: Partial<HandlerContext> = {}): HandlerContext {
  return {
    attempt: 1,
    signal: new AbortController().signal,
    logger: silentLogger,
    provider: 'acme',
    handler: 'onEvent(order.paid):save',
    handlerTimeout: 25_000,
    replay: undefined,
    ...context,
  }
}
