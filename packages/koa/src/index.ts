import {
  type AnswerDrain,
  assertOptions,
  assertReceiver,
  asWebhooks,
  type EventMap,
  type Receiver,
  type Webhooks,
} from '@hookport/core'
import { leftBody, letServerClose, nodeDelivery } from '@hookport/core/node'
import { jaotOptionNames, jaotReceiver } from '@hookport/providers/jaot'
import { sematryxOptionNames, sematryxReceiver } from '@hookport/providers/sematryx'
import type { Context, Next } from 'koa'
import { answer } from './answer.ts'
import { assertContext } from './assert-context.ts'
import { MountPoint } from './mount-point.ts'

export { PermanentError, RetryLater } from '@hookport/core'
export { throughApp } from '@hookport/core/node'
export type * from '@hookport/core/types'
export type * from '@hookport/providers/event-types'

type Middleware = (context: Context, next: Next) => Promise<void>

type Route = (context: Context) => Promise<void>

/** Koa middleware that receives deliveries, with the methods of its receiver. */
export type KoaWebhooks<Events extends EventMap> = Webhooks<Middleware, Events, Route>

const fixWhenConsumed =
  'something reads bodies before the webhook and does not keep their text: mount the webhook above it, app.use(webhooks) before app.use(bodyParser())'

/** Which path the middleware answers. */
export interface KoaWebhooksOptions {
  /**
   * The path that is answered, if the middleware is not in a route of a router. Inside koa-mount it is the path after the mount point, or the
   * whole path of the request. Defaults to `/webhooks/` and the provider's name.
   */
  path?: string | undefined
}

/**
 * Koa middleware for a receiver. `app.use(koaWebhooks(receiver))` answers `options.path` and passes everything else on. In a route of
 * @koa/router, `router.all('/hook', koaWebhooks(receiver))`, it answers what the route takes. (`router.use` runs nothing unless a route
 * takes the request too.) It reads the body itself, so mount it before body parsers. The text that koa-bodyparser leaves in `rawBody` is
 * used.
 *
 * @throws {ConfigurationError} for a value that is not a receiver, an unknown option, or a path that no request can have.
 */
export function koaWebhooks<Events extends EventMap>(
  receiver: Receiver<Events>,
  options: KoaWebhooksOptions = {},
): KoaWebhooks<Events> {
  assertReceiver(receiver, 'koaWebhooks')
  assertOptions(options, ownOptions, 'koaWebhooks', '')
  const { path = `/webhooks/${receiver.provider}` } = options
  const middleware: Middleware = async (context, next) => {
    assertContext(context)
    const { request, req, originalUrl } = context
    if (!mountPoint.isMeantBy(context)) return next()
    letServerClose(context.res) // remembers that the server listens, where it is closed before the first reply
    const rawBody = leftBody(request) // what is left on Node's request is found by itself
    const delivery = nodeDelivery(req, { rawBody, fixWhenConsumed, url: originalUrl })
    await answer(context, receiver.receive(delivery), receiver)
  }
  const webhooks = asWebhooks(middleware, receiver, drainMiddleware)
  const mountPoint = new MountPoint(path, receiver, webhooks)
  return webhooks
}

/** For a route of a router: `router.get('/cron/webhooks', webhooks.drain({ secret }))`. */
function drainMiddleware(answerDrain: AnswerDrain, about: Pick<Receiver, 'logger' | 'provider'>): Route {
  return async (context) => {
    assertContext(context)
    const { method, headers } = context.req
    await answer(context, answerDrain({ method, authorization: headers.authorization }), about)
  }
}

const ownOptions: Readonly<Record<keyof KoaWebhooksOptions, true>> = { path: true }

/** One call for a provider and its receiver: the general form above, with what a provider's package offers. */
function webhooksOf<Options extends object, Events extends EventMap>(
  call: string,
  makeReceiver: (options: Options) => Receiver<Events>,
  known: object,
): (options: Options & KoaWebhooksOptions) => KoaWebhooks<Events> {
  return (given) => {
    assertOptions(given, { ...known, ...ownOptions }, call, '')
    const { path, ...options } = given
    return koaWebhooks(makeReceiver(options as Options), { path })
  }
}

/**
 * Receives Sematryx: `app.use(sematryxWebhooks({ secret }))`.
 *
 * @throws {ConfigurationError} for an unusable secret or option.
 */
export const sematryxWebhooks = webhooksOf('sematryxWebhooks', sematryxReceiver, sematryxOptionNames)

/**
 * Receives JAOT: `app.use(jaotWebhooks({ secret }))`.
 *
 * @throws {ConfigurationError} for an unusable secret or option.
 */
export const jaotWebhooks = webhooksOf('jaotWebhooks', jaotReceiver, jaotOptionNames)
