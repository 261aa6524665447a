import { readAnew } from '../accept/identity/read-event.ts'
import { type TakeOn, takeOnAtReceipt } from '../accept/take-on/put-event.ts'
import type { Observe } from '../contracts/receiver/observers.ts'
import type { Handlers } from '../handle/handlers.ts'
import { type PlaceEvent, patienceOfDelivery, placing } from '../handle/order/placing.ts'
import { ParkLog } from '../handle/park-log.ts'
import { Pauses } from '../handle/pause/pauses.ts'
import { RunningHandlers } from '../handle/running-handlers.ts'
import type { HandlingTools } from '../handle/turn/handle-event.ts'
import { ParsedPayloads } from '../handle/turn/parsed-payloads.ts'
import type { Instruments } from '../observe/instruments.ts'
import type { ResolvedOptions } from '../setup/options.ts'

interface Parts {
  readonly handlers: Handlers
  readonly observe: Observe
  readonly instruments: Instruments
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
  return {
    ...options,
    ...parts,
    payloads: new ParsedPayloads(provider.readPayload),
    parkLog: new ParkLog(logger, about, () => parts.handlers.types),
    running: new RunningHandlers(clock, handlerTimeout, logger),
    pauses: new Pauses(options),
    heedsWaits: true,
    isParkable: true,
    describe: ({ tenant, id, type, key }) => ({ ...about, tenant, id, type, key }),
    reread: (event) => readAnew(provider, event, placeInTurn),
    placeInOrder,
    put: takeOnAtReceipt(options),
  }
}
