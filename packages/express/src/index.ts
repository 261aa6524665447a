import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  assertOptions,
  assertReceiver,
  asWebhooks,
  type EventMap,
  type Receiver,
  type Webhooks,
} from '@hookport/core'
import { answerDelivery, type NodeRoute, nodeDrain } from '@hookport/core/node'
import { jaotOptionNames, jaotReceiver } from '@hookport/providers/jaot'
import { sematryxOptionNames, sematryxReceiver } from '@hookport/providers/sematryx'
import { fixWhenConsumed } from './fix-when-consumed.ts'
import { MountPoint } from './mount-point.ts'

export { PermanentError, RetryLater } from '@hookport/core'
export { throughApp } from '@hookport/core/node'
export type * from '@hookport/core/types'
export type * from '@hookport/providers/event-types'

type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => Promise<void> | void

/** Middleware that receives deliveries, with the methods of its receiver. */
export type ExpressWebhooks<Events extends EventMap> = Webhooks<Middleware, Events, NodeRoute>

/** The path of the middleware. */
export interface ExpressWebhooksOptions {
  /**
   * The path that is answered where the middleware is mounted without one, relative to the router or application that it is mounted in. Defaults to
   * `/webhooks/` and the provider's name.
   */
  path?: string | undefined
}

/**
 * Express middleware for a receiver: `app.use('/webhooks/sematryx', expressWebhooks(receiver))`, or `app.post`. It answers every request to the path
 * that it is mounted at. Mounted without a path, it only answers `options.path`. It reads the body itself, so mount it before body parsers. If a
 * platform or parser has left bytes in `rawBody` or `body`, it uses those.
 *
 * @throws {ConfigurationError} for a value that is not a receiver, an unknown option, or a path that no request can have.
 */
export function expressWebhooks<Events extends EventMap>(
  receiver: Receiver<Events>,
  options: ExpressWebhooksOptions = {},
): ExpressWebhooks<Events> {
  assertReceiver(receiver, 'expressWebhooks')
  assertOptions(options, ownOptions, 'expressWebhooks', '')
  const { path = `/webhooks/${receiver.provider}` } = options
  let fix: string | undefined
  const middleware: Middleware = (request, response, third) => {
    const next = typeof third === 'function' ? third : undefined // find-my-way gives the parameters of its route
    const isOfNode = request.url !== undefined // a function of Lambda has a third argument too: it would answer 200
    if (next && isOfNode && !mountPoint.isMeantBy(request)) return next()
    fix ??= fixWhenConsumed() // not at construction, as a framework may be loaded later
    const answered = answerDelivery(receiver, request, response, { fixWhenConsumed: fix, next })
    if (!next || !('startHandlerTimer' in request)) return answered
    // Restify takes a fulfilled promise for a call of `next`, and answers again: 404 by its routes, or 500 where gzipResponse sends the head later.
    response.once('close', () => next(false))
  }
  const webhooks = asWebhooks(middleware, receiver, nodeDrain)
  const mountPoint = new MountPoint(path, receiver, webhooks)
  return webhooks
}

const ownOptions: Readonly<Record<keyof ExpressWebhooksOptions, true>> = { path: true }

/** One call for a provider and its receiver: the general form above, applied to a provider's package. */
function webhooksOf<Options extends object, Events extends EventMap>(
  call: string,
  makeReceiver: (options: Options) => Receiver<Events>,
  known: object,
): (options: Options & ExpressWebhooksOptions) => ExpressWebhooks<Events> {
  return (given) => {
    assertOptions(given, { ...known, ...ownOptions }, call, '')
    const { path, ...options } = given
    return expressWebhooks(makeReceiver(options as Options), { path })
  }
}

/**
 * Receives Sematryx: `app.use('/webhooks/sematryx', sematryxWebhooks({ secret }))`.
 *
 * @throws {ConfigurationError} for an unusable secret or option.
 */
export const sematryxWebhooks = webhooksOf('sematryxWebhooks', sematryxReceiver, sematryxOptionNames)

/**
 * Receives JAOT: `app.use('/webhooks/jaot', jaotWebhooks({ secret }))`.
 *
 * @throws {ConfigurationError} for an unusable secret or option.
 */
export const jaotWebhooks = webhooksOf('jaotWebhooks', jaotReceiver, jaotOptionNames)
