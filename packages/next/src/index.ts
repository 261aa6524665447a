import {
  assertOptions,
  assertReceiver,
  asWebhooks,
  type EventMap,
  type Receiver,
  type SecretOption,
  type Webhooks,
} from '@hookport/core'
import { idleForRequests, webDrain, webWebhooks } from '@hookport/core/web'
import { jaotOptionNames, jaotReceiver } from '@hookport/providers/jaot'
import { sematryxOptionNames, sematryxReceiver } from '@hookport/providers/sematryx'
import { after } from 'next/server.js'
import { asAsked } from './asked-url.ts'
import { isBuilding, notWhileBuilding } from './while-building.ts'

export { PermanentError, RetryLater } from '@hookport/core'
export type * from '@hookport/core/types'
export type * from '@hookport/providers/event-types'

type RouteHandler = (request: Request) => Promise<Response>

/** Route handlers of the App Router. Only `POST` receives. The others answer 405 as hookport does, if you export them. */
interface RouteHandlers {
  readonly POST: RouteHandler
  readonly GET: RouteHandler
  readonly PUT: RouteHandler
  readonly PATCH: RouteHandler
  readonly DELETE: RouteHandler
  readonly OPTIONS: RouteHandler
}

/** Route handlers, with the methods of their receiver. */
export type NextWebhooks<Events extends EventMap> = Webhooks<RouteHandlers, Events, RouteHandler>

/**
 * Route handlers for a receiver: `export const POST = nextWebhooks(receiver).POST`. Handlers that run after the reply are
 * registered with `after()`, so that the platform keeps the function alive until they are done.
 *
 * @throws {ConfigurationError} for a value that is not a receiver.
 */
export function nextWebhooks<Events extends EventMap>(receiver: Receiver<Events>): NextWebhooks<Events> {
  assertReceiver(receiver, 'nextWebhooks')
  const receive = webWebhooks(receiver)
  const idle = idleForRequests(receiver)
  const handler: RouteHandler = async (request) => {
    const response = await receive(asAsked(request))
    const isRefused = response.status >= 400 && response.status < 500 // such may come from anybody, and has left nothing to do
    if (!isRefused) keepAliveUntil(idle)
    return response
  }
  const handlers = {
    POST: handler,
    GET: handler,
    PUT: handler,
    PATCH: handler,
    DELETE: handler,
    OPTIONS: handler,
  }
  return notWhileBuilding(asWebhooks(handlers, receiver, webDrain))
}

/** `after` throws outside a request of Next, such as in a unit test. There, nothing freezes the process. */
function keepAliveUntil(idle: () => Promise<void>): void {
  try {
    after(idle)
  } catch {}
}

interface BuildOptions {
  secret?: SecretOption | undefined
  allowUnsigned?: boolean | undefined
  consume?: boolean
}

/** One call for a provider and its receiver: the general form above, applied to a provider's package. */
function webhooksOf<Options extends BuildOptions, Events extends EventMap>(
  call: string,
  makeReceiver: (options: Options) => Receiver<Events>,
  known: object,
): (options: Options) => NextWebhooks<Events> {
  return (options) => {
    assertOptions(options, known, call, '')
    return nextWebhooks(makeReceiver(unlessBuilding(options)))
  }
}

/**
 * `next build` loads route modules, usually without secrets and stores. A missing secret is not an error then; it is one when the server starts.
 * Until then nothing authenticates, and nothing is consumed.
 */
function unlessBuilding<Options extends BuildOptions>(options: Options): Options {
  if (!isBuilding()) return options
  const { secret = options.allowUnsigned ? undefined : () => undefined } = options
  return { ...options, secret, consume: false }
}

/**
 * Receives Sematryx in the App Router: `export const POST = sematryxWebhooks({ secret }).POST`.
 *
 * @throws {ConfigurationError} for an unusable secret or option.
 */
export const sematryxWebhooks = webhooksOf('sematryxWebhooks', sematryxReceiver, sematryxOptionNames)

/**
 * Receives JAOT in the App Router: `export const POST = jaotWebhooks({ secret }).POST`.
 *
 * @throws {ConfigurationError} for an unusable secret or option.
 */
export const jaotWebhooks = webhooksOf('jaotWebhooks', jaotReceiver, jaotOptionNames)
