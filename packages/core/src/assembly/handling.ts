import { readAnew } from '../accept/identity/read-event.ts'
import { takeOnAfterHandlers } from '../accept/take-on/claim-and-handle.ts'
import { type TakeOn, takeOnAtReceipt } from '../accept/take-on/put-event.ts'
import type { Logger } from '../contracts/logger.ts'
import type { Observe } from '../contracts/receiver/observers.ts'
import { consumersOf } from '../handle/consume/consumers.ts'
import { Consumption } from '../handle/consume/consumption.ts'
import { RunningHandlers } from '../handle/events-under-way.ts'
import type { Handlers } from '../handle/handlers.ts'
import { type PlaceEvent, patienceOfDelivery, placing } from '../handle/order/placing.ts'
import { ParkLog } from '../handle/park-log.ts'
import { Pauses } from '../handle/pause/pauses.ts'
import { eventWork, type HandlingTools } from '../handle/turn/handle-event.ts'
import { ParsedPayloads } from '../handle/turn/parsed-payloads.ts'
import type { Instruments } from '../observe/instruments.ts'
import { fleetingPlatform } from '../setup/host-platform.ts'
import type { ResolvedOptions } from '../setup/options.ts'
import { Limiter } from '../time/limiter.ts'
import { timersEndWithRequest } from '../time/timers-end-with-request.ts'
import type { BeyondDeliveries } from './beyond-deliveries.ts'

interface Parts {
  readonly handlers: Handlers
  readonly observe: Observe
  readonly instruments: Instruments
  /** For lines that strangers can cause. */
  readonly sampled: Logger
  isStopping(): boolean
}

/** What handling an event needs, from a receiver's options and parts. */
export function handlingTools(
  options: ResolvedOptions,
  parts: Parts,
): HandlingTools & {
  readonly put: TakeOn
  readonly payloads: ParsedPayloads
  readonly placeInOrder: PlaceEvent | undefined
} {
  const { provider, name, logger, clock, handlerTimeout } = options
  const placeInOrder = placing(provider, options.order, patienceOfDelivery(options))
  // In a turn no sender waits: a schema has as much time as before any other turn.
  const placeInTurn = placing(provider, options.order, { clock, withinMs: () => handlerTimeout })
  const about = { provider: provider.name, source: name }
  const eventLogger = provider.keys === undefined ? parts.sampled : logger // anybody may send what fails
  return {
    ...options,
    ...parts,
    payloads: new ParsedPayloads(provider.readPayload),
    parkLog: new ParkLog(logger, about, () => parts.handlers.types, parts.sampled),
    running: new RunningHandlers(clock, handlerTimeout, eventLogger),
    eventLogger,
    pauses: new Pauses(options),
    heedsWaits: true,
    isParkable: true,
    describe: ({ tenant, id, type, key }) => ({ ...about, tenant, id, type, key }),
    reread: (event) => readAnew(provider, event, placeInTurn),
    placeInOrder,
    put: takeOnAtReceipt(options),
  }
}

/** What is done with an event before the reply: it is stored, or its handlers are run. */
export function takeOnAs(
  { acknowledge, ...options }: ResolvedOptions,
  tools: HandlingTools & { readonly put: TakeOn },
): TakeOn {
  if (acknowledge === 'on-receipt') return tools.put
  const { inbox, retry, concurrency } = options
  const patient = { ...retry, attempts: Number.POSITIVE_INFINITY } // the sender decides how often it tries
  return takeOnAfterHandlers({
    ...options,
    work: eventWork({ ...tools, retry: patient, heedsWaits: false, isParkable: inbox.durable }),
    // There, a request that ends early would never give its place back. Such a platform limits how many requests run at once itself.
    limiter: new Limiter(timersEndWithRequest() ? Number.POSITIVE_INFINITY : concurrency),
    running: () => tools.running.keys,
    pauses: tools.pauses,
  })
}

/** Decides when a receiver handles events, and what starts and drains together with that. */
export function consumptionOf(
  options: ResolvedOptions,
  tools: HandlingTools,
  beyond: BeyondDeliveries,
  isReplaced: () => boolean,
): Consumption {
  const { inbox, consume, clock, logger } = options
  return new Consumption(consumersOf(tools, options, isReplaced), {
    startsByItself: consume,
    endsWithRequest: timersEndWithRequest(),
    onBegin: () => beyond.begin(),
    beforeDrain: (bounds) => beyond.beforeDrain(bounds),
    onStop: () => beyond.stop(),
    drainsWhenIdle: inbox.durable && fleetingPlatform() !== undefined,
    hasHandlers: () => !tools.handlers.isEmpty,
    isStopping: tools.isStopping,
    clock,
    logger,
  })
}
