import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type SenderClock, systemClock } from '../clock.ts'
import { type Mischief, resolveMischief } from '../mischief.ts'
import { createRandom } from '../random.ts'
import type { JaotForm, ProviderName, SematryxForm } from '../wire-form.ts'
import { ApiError } from './api-error.ts'
import { dashboardRoutes } from './dashboard-api.ts'
import { type DeliveryFilter, DeliveryLog, type EmulatedDelivery } from './delivery-log.ts'
import { Dispatcher, type OnAttempt } from './dispatcher.ts'
import { type EmitOptions, emitEvent } from './emit-event.ts'
import { type ApiReply, errorReply, readApiKey, readFields, writeReply } from './http-exchange.ts'
import { jaotRoutes } from './jaot-api.ts'
import { Registrations } from './registrations.ts'
import { findRoute, type Route } from './route-table.ts'
import { sematryxRoutes } from './sematryx-api.ts'

export interface EmulatorOptions {
  /** Defaults to 0: a free one. */
  port?: number | undefined
  /** Defaults to 127.0.0.1. The dashboard has no password: think before you change it. */
  host?: string | undefined
  /** The API keys that are accepted. Defaults to any. */
  apiKeys?: readonly string[] | undefined
  /** What the waits between attempts are measured with. Defaults to the system's clock. */
  clock?: SenderClock | undefined
  /** Multiplies the retry delays: 1/1000 turns 1 s into 1 ms. Defaults to 1. */
  timeScale?: number | undefined
  /** How long an attempt may take, in real ms. Defaults to the provider's deadline. */
  timeoutMs?: number | undefined
  /** How Sematryx writes its bodies. Defaults to `compact`. */
  sematryxForm?: SematryxForm | undefined
  /** Whether a fired trigger reports as JAOT's documentation or as its sender has it. Defaults to `real`. */
  jaotForm?: JaotForm | undefined
  /** What goes wrong with deliveries. `reorder` and `rotateSecret` have no effect: each delivery is planned by itself. */
  mischief?: Mischief | undefined
  /** Told of every attempt as soon as it is over. */
  onAttempt?: OnAttempt | undefined
  /** A whole number: the same seed gives the same events, ids and mischief. Defaults to 1. */
  seed?: number | undefined
}

/** Both providers, as an application sees them. */
export interface Emulator {
  /** Base URL of the two management APIs and of the dashboard, without a slash at its end. */
  readonly url: string
  /** Something happened at the provider. Answers the deliveries to the registrations that asked for it, as they begin. */
  emit(provider: ProviderName, type: string, options?: EmitOptions): EmulatedDelivery[]
  /** All deliveries so far. They go on changing until they are settled. */
  deliveries(filter?: DeliveryFilter): EmulatedDelivery[]
  /** Resolves when no delivery has an attempt to come. */
  settled(): Promise<void>
  /** Cancels what is pending, and closes the server. */
  close(): Promise<void>
}

/** What the routes work on. */
export interface EmulatorState {
  readonly registrations: Registrations
  readonly log: DeliveryLog
  readonly dispatcher: Dispatcher
  readonly clock: SenderClock
  readonly jaotForm: JaotForm
  newId(prefix: string): string
  nextSeed(): number
}

/**
 * Starts an HTTP server that behaves as the management APIs of Sematryx and JAOT, and delivers as they do.
 *
 * Rejects where the port is taken. Throws `RangeError` for an unusable mischief.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const state = createState(options)
  const routes = [...sematryxRoutes(state), ...jaotRoutes(state), ...dashboardRoutes(state)]
  const server = createServer((request, response) => void respond(routes, options.apiKeys, request, response))
  const { port = 0, host = '127.0.0.1' } = options
  server.listen(port, host)
  await once(server, 'listening')
  const { port: boundPort } = server.address() as AddressInfo
  return {
    url: `http://${host}:${boundPort}`,
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

function createState(options: EmulatorOptions): EmulatorState {
  const { clock = systemClock, timeScale = 1, timeoutMs, sematryxForm, mischief = {}, seed = 1 } = options
  const { onAttempt = () => {} } = options
  resolveMischief(mischief)
  const log = new DeliveryLog()
  const random = createRandom(seed)
  let seeds = seed * 1_000
  return {
    registrations: new Registrations(),
    log,
    dispatcher: new Dispatcher(log, { clock, timeScale, timeoutMs, sematryxForm, mischief, seed, onAttempt }),
    clock,
    jaotForm: options.jaotForm ?? 'real',
    newId: (prefix) => `${prefix}_${random.hex(16)}`,
    nextSeed() {
      seeds += 1
      return seeds
    },
  }
}

async function respond(
  routes: readonly Route[],
  apiKeys: readonly string[] | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  writeReply(response, await answer(routes, apiKeys, request).catch(errorReply))
}

async function answer(
  routes: readonly Route[],
  apiKeys: readonly string[] | undefined,
  request: IncomingMessage,
): Promise<ApiReply> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://emulator')
  const { route, parameters } = findRoute(routes, request.method ?? 'GET', pathname)
  const fields = await readFields(request)
  const apiKey = () => {
    const key = readApiKey(request)
    if (apiKeys !== undefined && !apiKeys.includes(key)) throw new ApiError(401, 'the API key is not known')
    return key
  }
  return route.answer({ parameters, query: searchParams, fields, apiKey })
}
