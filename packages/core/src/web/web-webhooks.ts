import type { EventMap } from '../contracts/event.ts'
import type { Receiver } from '../contracts/receiver.ts'
import { asWebhooks, type Webhooks } from '../webhooks.ts'
import { toResponse } from './to-response.ts'
import { webDelivery } from './web-delivery.ts'

type FetchHandler = (request: Request) => Promise<Response>

export type WebWebhooks<Events extends EventMap> = Webhooks<FetchHandler, Events>

/**
 * A handler of the Web standard, `Request` to `Response`: for Hono, Bun, Deno and edge runtimes. It uses no API of Node. Where
 * the platform freezes a process after its reply, keep it alive until `idle()` resolves, or use `acknowledge:
 * 'after-handlers'`.
 */
export function webWebhooks<Events extends EventMap>(receiver: Receiver<Events>): WebWebhooks<Events> {
  const handler: FetchHandler = async (request) => {
    const delivery = webDelivery(request, {
      fixWhenConsumed: 'hand the request over before anything reads its body',
    })
    return toResponse(await receiver.receive(delivery))
  }
  return asWebhooks(handler, receiver)
}
