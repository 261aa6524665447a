import { assertOptions, type ReceiverOptions, type SecretOptions } from '@hookport/core'

/** What `createReceiver` takes beside the provider. The compiler asks for options that are missing here. */
const ofReceivers: Readonly<Record<Exclude<keyof ReceiverOptions, 'provider'>, true>> = {
  name: true,
  inbox: true,
  acknowledge: true,
  dedupeWindow: true,
  maxAge: true,
  acceptTimeout: true,
  maxBodyBytes: true,
  maxBytesInFlight: true,
  bodyTimeout: true,
  unhandled: true,
  keepParkedFor: true,
  maxParkedBytes: true,
  keepHandledFor: true,
  retry: true,
  handlerTimeout: true,
  concurrency: true,
  consume: true,
  logger: true,
  reconcile: true,
  order: true,
  redact: true,
  observers: true,
  clock: true,
}

const ofProviders: Readonly<Record<keyof SecretOptions | 'events', true>> = {
  secret: true,
  allowUnsigned: true,
  events: true,
}

/** The options that a provider and its receiver take together. */
export const commonOptionNames = { ...ofProviders, ...ofReceivers }

/**
 * Checks the names before anything is made of the options: a misspelt secret is not a missing one.
 *
 * @throws {ConfigurationError} where there are no options, or for an unknown one.
 */
export function assertOptionNames(given: unknown, known: object, call: string): void {
  assertOptions(given, known, call, '')
}
