import type { IncomingMessage, ServerResponse } from 'node:http'
import { asWebhooks, ConfigurationError, type EventMap, type Receiver, type Webhooks } from '@hookport/core'
import { answerDelivery } from '@hookport/core/node'
import { jaotReceiver } from '@hookport/providers/jaot'
import { sematryxReceiver } from '@hookport/providers/sematryx'

export { PermanentError, RetryLater } from '@hookport/core'

/** The part of an Express request that the middleware looks at. */
interface ExpressRequest extends IncomingMessage {
  readonly path?: string
  readonly baseUrl?: string
  readonly route?: unknown
  readonly body?: unknown
  readonly rawBody?: unknown
}

type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => Promise<void> | void

/** Middleware that receives deliveries, with the methods of its receiver. */
export type ExpressWebhooks<Events extends EventMap> = Webhooks<Middleware, Events>

const fixWhenConsumed =
  "mount the webhook before express.json() and other body parsers: move app.use('/webhooks/…', webhooks) above app.use(express.json())"

export interface ExpressWebhooksOptions {
  /** The path that is answered where the middleware is mounted without one. Defaults to `/webhooks/` and the provider's name. */
  path?: string | undefined
}

/**
 * Express middleware for a receiver: `app.use('/webhooks/sematryx', expressWebhooks(receiver))`, or `app.post`. It answers
 * whatever reaches the path that it is mounted at; mounted without a path, only `options.path`. It reads the body itself, so
 * mount it before body parsers.
 */
export function expressWebhooks<Events extends EventMap>(
  receiver: Receiver<Events>,
  { path = `/webhooks/${receiver.provider}` }: ExpressWebhooksOptions = {},
): ExpressWebhooks<Events> {
  if (!path.startsWith('/'))
    throw new ConfigurationError(`path is ${JSON.stringify(path)}; it must begin with a slash`)
  const answered = withoutTrailingSlash(path)
  const middleware: Middleware = (request: ExpressRequest, response, next) => {
    if (isMountedWithoutPath(request) && next && withoutTrailingSlash(request.path) !== answered)
      return next()
    return answerDelivery(receiver, request, response, { rawBody: rawBodyOf(request), fixWhenConsumed, next })
  }
  return asWebhooks(middleware, receiver)
}

function isMountedWithoutPath({ baseUrl, route }: ExpressRequest): boolean {
  return baseUrl === '' && route === undefined
}

function withoutTrailingSlash(path = ''): string {
  return path.replace(/\/$/, '')
}

/** Bytes that a hosting platform (`rawBody`) or `express.raw()` (`body`) has read already. Anything else is no longer what was signed. */
function rawBodyOf({ rawBody, body }: ExpressRequest): Uint8Array | undefined {
  return [rawBody, body].find((bytes) => bytes instanceof Uint8Array)
}

/** One call for a provider and its receiver: the general form above, over what a provider's package offers. */
function webhooksOf<Options extends object, Events extends EventMap>(
  makeReceiver: (options: Options) => Receiver<Events>,
): (options: Options & ExpressWebhooksOptions) => ExpressWebhooks<Events> {
  return ({ path, ...options }) => expressWebhooks(makeReceiver(options as Options), { path })
}

/**
 * Receives Sematryx: `app.use('/webhooks/sematryx', sematryxWebhooks({ secret }))`.
 *
 * @throws {ConfigurationError} for an unusable secret or option.
 */
export const sematryxWebhooks = webhooksOf(sematryxReceiver)

/**
 * Receives JAOT: `app.use('/webhooks/jaot', jaotWebhooks({ secret }))`.
 *
 * @throws {ConfigurationError} for an unusable secret or option.
 */
export const jaotWebhooks = webhooksOf(jaotReceiver)
