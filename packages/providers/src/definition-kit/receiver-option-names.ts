import { assertOptions, receiverOptionNames, type SecretOptions } from '@hookport/core'

const ofProviders: Readonly<Record<keyof SecretOptions | 'events', true>> = {
  secret: true,
  allowUnsigned: true,
  events: true,
}

const { provider: _, ...ofReceivers } = receiverOptionNames

/** The options that a provider and its receiver take together. */
export const commonOptionNames: typeof ofProviders & typeof ofReceivers = { ...ofProviders, ...ofReceivers }

/**
 * Checks the names before anything is made of the options: a misspelt secret is not a missing one.
 *
 * @throws {ConfigurationError} where there are no options, or for an unknown one.
 */
export function assertOptionNames(given: unknown, known: object, call: string): void {
  assertOptions(given, known, call, '')
}
