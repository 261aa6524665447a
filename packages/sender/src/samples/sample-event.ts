import { fnv1a } from '../random/fnv1a.ts'
import { createRandom } from '../random/random.ts'
import type { EventType } from '../wire/event-types.ts'
import type { ProviderName } from '../wire/wire-form.ts'
import { type JaotEvent, sampleJaotEvent } from './sample-jaot-event.ts'
import { type SematryxEvent, sampleSematryxEvent } from './sample-sematryx-event.ts'
import type { SampleSource } from './sample-source.ts'

/** The envelope of a provider's events. */
export interface SampleEvents {
  sematryx: SematryxEvent
  jaot: JaotEvent
}

/** Which sample to create. */
export interface SampleOptions {
  /**
   * A whole number, taken modulo 2^32. The same seed gives the same event; another seed gives other ids. Events
   * of different types with one seed belong together: they share the optimization, trigger, run and execution
   * ids, but never the event id. Defaults to 1.
   */
  seed?: number | undefined
  /**
   * The event's own time: a date, or ms since the epoch. Written in whole seconds, except by JAOT's real form.
   * Defaults to now.
   */
  at?: Date | number | undefined
}

/**
 * A realistic event in the provider's own envelope. A type that the provider is not known to send gets the envelope and the least data; a JAOT type
 * gets the envelope of the form it belongs to (see `formOf`).
 *
 * Throws `RangeError` for an `at` that is not a valid time.
 */
export function sampleEvent<P extends ProviderName>(
  provider: P,
  type: EventType<P> | (string & {}),
  options: SampleOptions = {},
): SampleEvents[P] {
  const { seed = 1, at = Date.now() } = options
  const source: SampleSource = {
    at: validDate(at),
    story: createRandom(seed),
    event: createRandom(seed ^ fnv1a(type)),
  }
  return samplers[provider](type, source)
}

const samplers: { [P in ProviderName]: (type: string, source: SampleSource) => SampleEvents[P] } = {
  sematryx: sampleSematryxEvent,
  jaot: sampleJaotEvent,
}

function validDate(at: Date | number): Date {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) throw new RangeError('at is not a valid time')
  return date
}
