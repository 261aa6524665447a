import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, isIPv6 } from 'node:net'
import type { ProviderName } from '../wire/wire-form.ts'
import { dashboardRoutes } from './dashboard-api.ts'
import type { DeliveryFilter, EmulatedDelivery } from './delivery-log.ts'
import { type EmitOptions, emitEvent } from './emit-event.ts'
import type { EmulatorOptions } from './emulator-options.ts'
import { createState, type EmulatorState } from './emulator-state.ts'
import { answerRequest } from './http/answer-request.ts'
import type { Route } from './http/route-table.ts'
import { runRoutes } from './jaot/runs-api.ts'
import { triggerRoutes } from './jaot/triggers-api.ts'
import { sematryxRoutes } from './sematryx/sematryx-api.ts'

/** Both providers, as an application sees them. */
export interface Emulator {
  /** Base URL of the two management APIs and of the dashboard, without a slash at its end. */
  readonly url: string
  /** Emits an event. Returns the deliveries to the registrations that asked for it, as they begin. Throws once the emulator is closed. */
  emit(provider: ProviderName, type: string, options?: EmitOptions): EmulatedDelivery[]
  /** All deliveries so far. They change until they are settled. */
  deliveries(filter?: DeliveryFilter): EmulatedDelivery[]
  /** Resolves when no delivery has another attempt to make. */
  settled(): Promise<void>
  /** Cancels what is pending, and closes the server. */
  close(): Promise<void>
}

/**
 * Starts an HTTP server that behaves like the management APIs of Sematryx and JAOT, and delivers as they do.
 *
 * Rejects where the port is in use; with `RangeError` or `TypeError` for an unknown option, or one that can't work.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const state = createState(options)
  const routes = [
    ...sematryxRoutes(state),
    ...[...triggerRoutes(state), ...runRoutes(state)].map((route) => limitedJaot(state, route)),
    ...dashboardRoutes(state),
  ]
  const { port = 0, host = '127.0.0.1', apiKeys, losses } = options
  const isApiKey = (key: string) =>
    !state.registrations.isTriggerSecret(key) && (apiKeys === undefined || apiKeys.includes(key))
  const server = createServer(
    (request, response) =>
      void answerRequest(routes, { host, isApiKey, answerOf: losses?.answerOf }, request, response),
  )
  server.listen(port, host)
  await once(server, 'listening')
  const { port: boundPort } = server.address() as AddressInfo
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${boundPort}`,
    emit: (provider, type, emitOptions) => emitEvent(state, provider, type, emitOptions),
    deliveries: (filter) => state.log.list(filter),
    settled: () => state.dispatcher.settled(),
    async close() {
      state.dispatcher.close()
      server.close()
      server.closeAllConnections()
      await state.dispatcher.settled()
    },
  }
}

/** JAOT's API with a rate limit, which the real one does not document. Firing has limits of its own. */
function limitedJaot({ jaotRateLimit, clock }: EmulatorState, route: Route): Route {
  if (jaotRateLimit === undefined || route.at.endsWith('/fire')) return route
  return {
    at: route.at,
    answer(exchange) {
      const headers = jaotRateLimit.count(exchange.apiKey(), clock.now())
      return { ...route.answer(exchange), headers }
    },
  }
}
