import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Delivery, Inbox, Receiver, Reply } from '@hookport/core'
import { endWritten, nodeDelivery, writeReply } from '@hookport/core/node'
import type { ReceiverPath, Twist } from '@hookport/testkit/audits/audited-receivers'
import { silentLogger } from '@hookport/testkit/logs'

/** Answers a request in place of an adapter. */
export type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  receiver: Receiver,
  path: ReceiverPath,
) => Promise<unknown>

/** A receiver with one flaw. */
export interface BrokenTwin {
  readonly name: string
  /** The audits that it fails, all of them. */
  readonly caughtBy: readonly string[]
  /** Those that it may fail, or not: how the bytes of a body are dealt out is up to the network. */
  readonly maybeCaughtBy?: readonly string[]
  readonly twist?: Twist
  readonly answer?: Answer
  /** What the application's JSON route makes of a body. Defaults to what it says. */
  parseJson?(body: Buffer): unknown
}

/** What an adapter for `node:http` does. */
export const answerWell: Answer = async (request, response, receiver) => {
  writeWell(response, await receiver.receive(deliveryOf(request)))
}

/** What an adapter for `node:http` writes. */
export function writeWell(response: ServerResponse, reply: Reply): void {
  if (!endWritten(response, reply, { provider: 'audited', logger: silentLogger })) writeReply(response, reply)
}

export function deliveryOf(request: IncomingMessage, changes: Partial<Delivery> = {}): Delivery {
  return { ...nodeDelivery(request, { fixWhenConsumed: 'do not read it' }), ...changes }
}

/** An adapter that hands the receiver something else than came. */
export function answerWith(
  change: (delivery: Delivery, request: IncomingMessage) => Partial<Delivery>,
): Answer {
  return async (request, response, receiver) => {
    const delivery = deliveryOf(request)
    writeWell(response, await receiver.receive({ ...delivery, ...change(delivery, request) }))
  }
}

/** An inbox with some methods replaced. */
export function inboxWith(inbox: Inbox, replaced: Partial<Inbox>): Inbox {
  return new Proxy(inbox, {
    get(target, name) {
      const value = Reflect.get({ ...replaced }, name) ?? Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
