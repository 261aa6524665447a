import type { EmulatedDelivery } from './delivery-log.ts'
import type { EmulatorState } from './emulator-state.ts'
import type { Registration } from './registrations.ts'

/** Sends an event to a registration, unless it is lost, or the registration is removed or disabled by then. `onSent` is called with the deliveries as soon as there are any. */
export function sendUnlessLost(
  { losses, dispatcher, clock, registrations }: EmulatorState,
  registration: Registration,
  type: string,
  event: object,
  onSent: (deliveries: EmulatedDelivery[]) => void = () => {},
): EmulatedDelivery[] {
  const fate = losses.fateOf?.({ provider: registration.provider, type, event }) ?? 'sent'
  if (fate === 'lost') return []
  const dispatch = () => {
    if (!registrations.reports(registration)) return []
    const deliveries = dispatcher.dispatch(registration, type, event)
    if (fate === 'twice') deliveries.push(...dispatcher.dispatch(registration, type, event))
    onSent(deliveries)
    return deliveries
  }
  if (fate === 'sent' || fate === 'twice') return dispatch()
  dispatcher.later(clock, fate.lateMs, dispatch)
  return []
}
