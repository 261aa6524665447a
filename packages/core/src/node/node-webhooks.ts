import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EventMap } from '../contracts/event.ts'
import type { Receiver } from '../contracts/receiver/receiver.ts'
import { assertReceiver, asWebhooks, type Webhooks } from '../webhooks.ts'
import { answerDelivery, type NodeRoute, nodeDrain } from './answer-requests.ts'

type RequestListener = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** A request listener for `node:http` that receives deliveries, with the methods of its receiver. */
export type NodeWebhooks<Events extends EventMap> = Webhooks<RequestListener, Events, NodeRoute>

/**
 * A request listener for `node:http`. It answers every request, whatever its path.
 *
 * @throws {ConfigurationError} for a value that is not a receiver.
 */
export function nodeWebhooks<Events extends EventMap>(receiver: Receiver<Events>): NodeWebhooks<Events> {
  assertReceiver(receiver, 'nodeWebhooks')
  const listener: RequestListener = (request, response) =>
    answerDelivery(receiver, request, response, {
      fixWhenConsumed: 'hand the request over before anything reads its body',
    })
  return asWebhooks(listener, receiver, nodeDrain)
}
