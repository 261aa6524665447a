import { sampleEvent } from '../samples/sample-event.ts'
import type { ProviderName } from '../wire/wire-form.ts'
import type { EmulatedDelivery } from './delivery-log.ts'
import type { EmulatorState } from './emulator-state.ts'
import type { Registration } from './registrations.ts'

export interface EmitOptions {
  /** Seed of the sample event. Defaults to another one for every event. */
  seed?: number | undefined
  /** The event itself, in the provider's envelope. Defaults to a sample. */
  event?: object | undefined
  /** JAOT: only to this trigger. Defaults to all that have a webhook. */
  triggerId?: string | undefined
}

/** Something happened at the provider: every registration that asked for it gets a delivery. */
export function emitEvent(
  { registrations, dispatcher, clock, nextSeed }: EmulatorState,
  provider: ProviderName,
  type: string,
  { seed = nextSeed(), event, triggerId }: EmitOptions = {},
): EmulatedDelivery[] {
  const happened: object = event ?? sampleEvent(provider, type, { seed, at: clock.now() })
  return registrations
    .matching(provider, type, triggerId)
    .flatMap((registration) =>
      dispatcher.dispatch(registration, type, event ? happened : addressedTo(registration, happened)),
    )
}

/** A sample that speaks of a trigger speaks of the one that it is sent for. */
function addressedTo(registration: Registration, event: object): object {
  if (registration.provider !== 'jaot') return event
  const data = 'data' in event && typeof event.data === 'object' && event.data !== null ? event.data : {}
  const named = 'trigger_id' in data ? { trigger_id: registration.id, trigger_name: registration.name } : {}
  const addressed = 'trigger_id' in event ? { trigger_id: registration.id } : {}
  return { ...event, ...addressed, data: { ...data, ...named } }
}
