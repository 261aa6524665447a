import { consumersOf } from '../handle/consume/consumers.ts'
import { Consumption } from '../handle/consume/consumption.ts'
import type { HandlingTools } from '../handle/turn/handle-event.ts'
import { fleetingPlatform } from '../setup/host-platform.ts'
import type { ResolvedOptions } from '../setup/options.ts'
import { timersEndWithRequest } from '../time/timers-end-with-request.ts'
import type { BeyondDeliveries } from './beyond-deliveries.ts'

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
