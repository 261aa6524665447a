import { sampleEvent } from '../samples/sample-event.ts'
import type { ProviderName } from '../wire/wire-form.ts'
import { addressedTo } from './address-event.ts'
import type { EmulatedDelivery } from './delivery-log.ts'
import type { EmulatorState } from './emulator-state.ts'
import { sendUnlessLost } from './send-unless-lost.ts'

/** Which event is sent, and to whom. */
export interface EmitOptions {
  /** Seed of the sample event. Defaults to a different one for every event. */
  seed?: number | undefined
  /** The event itself, in the provider's envelope. Defaults to a sample. */
  event?: object | undefined
  /** JAOT: only to this trigger. Defaults to all that have a webhook. */
  triggerId?: string | undefined
}

/** Emits an event: every registration that asked for it gets a delivery. */
export function emitEvent(
  state: EmulatorState,
  provider: ProviderName,
  type: string,
  { seed = state.nextSeed(), event, triggerId }: EmitOptions = {},
): EmulatedDelivery[] {
  const { registrations, optimizations, clock } = state
  const happened: object = event ?? sampleEvent(provider, type, { seed, at: clock.now() })
  if (provider === 'sematryx') optimizations.note(type, happened, clock.now())
  return registrations
    .matching(provider, type, triggerId)
    .flatMap((registration) =>
      sendUnlessLost(state, registration, type, event ? happened : addressedTo(registration, happened)),
    )
}
