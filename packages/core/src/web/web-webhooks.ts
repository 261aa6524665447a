import type { Reply } from '../contracts/delivery.ts'
import type { EventMap } from '../contracts/event.ts'
import type { Receiver } from '../contracts/receiver/receiver.ts'
import { type AnswerDrain, assertReceiver, asWebhooks, type Webhooks } from '../webhooks.ts'
import { idleForRequests } from './idle-for-requests.ts'
import { assertRequest, webDelivery } from './web-delivery.ts'

/** What a platform passes with a request, to keep its process alive after the reply. Cloudflare's `ctx` is one. */
export interface WaitUntilContext {
  /** Keeps the process alive until the work has settled. */
  waitUntil(work: Promise<unknown>): void
}

/** A handler of the Web standard, `Request` to `Response`. */
export interface FetchHandler {
  /** @param context is asked to wait for work that is left after the reply. Anything without `waitUntil` is ignored. */
  (request: Request, context?: unknown): Promise<Response>
  /** The same handler, as platforms call it: `export default { fetch: webhooks.fetch }` on Workers, `Deno.serve(webhooks.fetch)`. */
  readonly fetch: (request: Request, env?: unknown, context?: unknown) => Promise<Response>
}

/** The route of a drain. */
export type WebRoute = (request: Request) => Promise<Response>

/** A handler of the Web standard that receives deliveries, with the methods of its receiver. */
export type WebWebhooks<Events extends EventMap> = Webhooks<FetchHandler, Events, WebRoute>

/**
 * A handler of the Web standard, for Hono, Bun, Deno and edge runtimes. It uses no API of Node. Where the platform freezes or ends a process after
 * its reply, pass on the context that it gives: `webhooks(request, { waitUntil })`, or `webhooks.fetch(request, env, ctx)`.
 *
 * @throws {ConfigurationError} for a value that is not a receiver.
 */
export function webWebhooks<Events extends EventMap>(receiver: Receiver<Events>): WebWebhooks<Events> {
  assertReceiver(receiver, 'webWebhooks')
  const keepWaiting = waiting(receiver)
  const idle = idleForRequests(receiver)
  const handle = async (request: Request, context?: unknown): Promise<Response> => {
    const delivery = webDelivery(request, {
      fixWhenConsumed: 'hand the request over before anything reads its body',
    })
    const reply = receiver.receive(delivery)
    // Registered first: a sender that hangs up ends its request, and all work that nobody waits for.
    if (canWait(context))
      void keepWaiting(
        context,
        reply.then(({ status }) => (isOfStranger(status) ? undefined : idle())),
      )
    return toResponse(await reply)
  }
  const fetch: FetchHandler['fetch'] = (request, env, context) =>
    handle(request, canWait(context) ? context : env)
  return asWebhooks(Object.assign(handle, { fetch }), receiver, webDrain)
}

/** A drain's route as a handler of the Web standard. For adapters. */
export function webDrain(answer: AnswerDrain): WebRoute {
  return async (request) => {
    assertRequest(request)
    const { method, headers } = request
    return toResponse(await answer({ method, authorization: headers.get('authorization') }))
  }
}

/**
 * Asks the platform to wait for work. If that fails, the delivery is answered all the same, as it may be held: a 500 would have the sender send it again,
 * for good. The log says so once. Work that fails is told of here, as not every platform listens. Never rejects.
 */
function waiting({ logger, provider, source }: Pick<Receiver, 'logger' | 'provider' | 'source'>) {
  let hasComplained = false
  return async (context: WaitUntilContext, work: Promise<unknown>): Promise<void> => {
    const heard = work.catch((err) =>
      logger.error({ provider, source, err }, 'work after a reply failed: it is left to the next request'),
    )
    try {
      await context.waitUntil(heard)
    } catch (err) {
      if (hasComplained) return
      hasComplained = true
      const fix =
        'pass on the whole context of the platform, or { waitUntil: (work) => context.waitUntil(work) }'
      logger.error({ provider, source, err, fix }, 'waitUntil failed: work after a reply may be cut off')
    }
  }
}

/** A delivery that was refused has left nothing to do. Anybody may send such, and have the store asked for work. */
function isOfStranger(status: number): boolean {
  return status >= 400 && status < 500
}

/** Platforms pass all kinds of things as a second argument. */
function canWait(context: unknown): context is WaitUntilContext {
  return typeof (context as Partial<WaitUntilContext> | null | undefined)?.waitUntil === 'function'
}

/** A reply as a `Response` of the Web. */
export function toResponse({ status, headers, body }: Reply): Response {
  return new Response(body === '' ? null : body, { status, headers }) // a 204 must have no body, not even an empty one
}
