import { manualClock } from '@hookport/core/testing'
import {
  type EventType,
  formOf,
  type SematryxForm,
  type SignedDelivery,
  sampleEvent,
  signDelivery,
} from '@hookport/sender'

/** The time on the receivers' clocks, a few hours after the samples were signed. */
export const testTime = Date.parse('2026-11-20T12:00:00Z')

/** The secrets of the samples. */
export const sematryxSecret = 'your-webhook-secret'
export const jaotSecret = 'whsec_your_signing_secret_here'

/** For receivers of the samples. */
export const sematryxOptions = {
  secret: sematryxSecret,
  clock: manualClock(testTime),
  logger: false,
} as const
export const jaotOptions = { ...sematryxOptions, secret: jaotSecret }

/** An `optimization.completed` of Sematryx. `changes` replace fields of its envelope; undefined removes one. */
export function signedSematryx(
  changes: object = {},
  form: SematryxForm = 'compact',
  secret = sematryxSecret,
): SignedDelivery {
  const event = { ...sampleEvent('sematryx', 'optimization.completed', { at: testTime }), ...changes }
  return signDelivery({ provider: 'sematryx', form, secret, event })
}

/** A JAOT event, in the form that sends its type. `changes` replace fields of its envelope; undefined removes one. */
export function signedJaot(type: EventType<'jaot'>, changes: object = {}): SignedDelivery {
  const event = { ...sampleEvent('jaot', type, { at: testTime }), ...changes }
  return signDelivery({ provider: 'jaot', form: formOf(type), secret: jaotSecret, event })
}
