import { assertReceiver, type EventMap, type Logger, type Receiver } from '@hookport/core'
import {
  type JaotEvents,
  type JaotReceiverOptions,
  jaotOptionNames,
  jaotReceiver,
} from '@hookport/providers/jaot'
import {
  type SematryxEvents,
  type SematryxReceiverOptions,
  sematryxOptionNames,
  sematryxReceiver,
} from '@hookport/providers/sematryx'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import plugin from 'fastify-plugin'
import { checkDecoration, checkRouteOptions } from './check-route-options.ts'
import { loggerOf } from './logger-of.ts'
import { mountReceiver, type RouteOptions } from './mount-receiver.ts'

export { PermanentError, RetryLater } from '@hookport/core'
export type * from '@hookport/core/types'
export type * from '@hookport/providers/event-types'
export { drainRoute } from './drain-route.ts'
export type { RouteOptions } from './mount-receiver.ts'
export { throughApp } from './through-app.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Set by registering `sematryxWebhooks`, unless `decorate` gives another name. */
    sematryxWebhooks: Receiver<SematryxEvents>
    /** Set by registering `jaotWebhooks`, unless `decorate` gives another name. */
    jaotWebhooks: Receiver<JaotEvents>
  }
}

interface DecorateOption {
  /** The name of the decoration. Required where a plugin is registered more than once. */
  decorate?: string
}

const metadata = { fastify: '4.x || 5.x', name: '@hookport/fastify' }

/**
 * A Fastify plugin for a receiver: `app.register(fastifyWebhooks(receiver), { path })`. Registering fails for an unknown option.
 *
 * @throws {ConfigurationError} for a value that is not a receiver.
 */
export function fastifyWebhooks<Events extends EventMap>(
  receiver: Receiver<Events>,
): FastifyPluginAsync<RouteOptions> {
  assertReceiver(receiver, 'fastifyWebhooks')
  return plugin(async (app: FastifyInstance, options: RouteOptions) => {
    checkRouteOptions(options, {}, 'fastifyWebhooks')
    mountReceiver(app, receiver, options)
  }, metadata)
}

/**
 * A plugin for a provider and its receiver in one, made from a provider's package. It decorates the application with the receiver, under `decorate`
 * or else `decoration`. It logs to the application's logger, unless that is off or another logger is given.
 */
function pluginOf<Options extends { logger?: Logger | false }, Events extends EventMap>(
  decoration: string,
  makeReceiver: (options: Options) => Receiver<Events>,
  known: object,
): FastifyPluginAsync<Options & RouteOptions & DecorateOption> {
  return plugin(async (app: FastifyInstance, given: Options & RouteOptions & DecorateOption) => {
    checkRouteOptions(given, { ...known, decorate: true }, decoration)
    const { path, prefix, logLevel, bodyLimit, logPerRequest, decorate = decoration, ...options } = given
    checkDecoration(decorate, decoration)
    const logger = loggerOf(app, logLevel)
    const receiver = makeReceiver({ ...(logger && { logger }), ...options } as unknown as Options)
    app.decorate(decorate, receiver)
    mountReceiver(app, receiver, {
      path,
      prefix,
      logLevel,
      bodyLimit,
      logPerRequest: logPerRequest ?? (logger !== undefined && options.logger === undefined),
    })
  }, metadata)
}

/** Options of `sematryxWebhooks`. To add event types of your own, `fastifyWebhooks(sematryxReceiver({ events, … }))` keeps their types. */
export type SematryxPluginOptions = SematryxReceiverOptions & RouteOptions & DecorateOption

/**
 * Receives Sematryx: `await app.register(sematryxWebhooks, { path, secret })`, then `app.sematryxWebhooks.onEvent(…)`. Logs to the application's
 * logger unless another is given. Where it is off, warnings and errors go to standard error.
 *
 * @throws {ConfigurationError} for an unusable secret or option.
 */
export const sematryxWebhooks: FastifyPluginAsync<SematryxPluginOptions> = pluginOf(
  'sematryxWebhooks',
  sematryxReceiver,
  sematryxOptionNames,
)

/** Options of `jaotWebhooks`. */
export type JaotPluginOptions = JaotReceiverOptions & RouteOptions & DecorateOption

/**
 * Receives JAOT: `await app.register(jaotWebhooks, { path, secret })`, then `app.jaotWebhooks.onEvent(…)`. Logs to the application's logger unless
 * another is given. Where it is off, warnings and errors go to standard error.
 *
 * @throws {ConfigurationError} for an unusable secret or option.
 */
export const jaotWebhooks: FastifyPluginAsync<JaotPluginOptions> = pluginOf(
  'jaotWebhooks',
  jaotReceiver,
  jaotOptionNames,
)
