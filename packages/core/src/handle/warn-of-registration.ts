import type { Logger } from '../contracts/logger.ts'
import type { Provider } from '../contracts/provider/provider.ts'
import { closestName } from '../options/closest-name.ts'

export interface Registering {
  readonly provider: Pick<Provider, 'name' | 'events'>
  /** Name of the receiver. */
  readonly name: string
  readonly logger: Logger
  /** Whether events were so far finished once the catch-all handlers had run. */
  readonly isLate: boolean
}

/** Warns of what is probably a mistake in the registration of a handler for these types. */
export function warnOfRegistration(types: readonly string[], registering: Registering): void {
  warnOfMisspelling(types, registering)
  if (registering.isLate) warnOfLateness(types, registering)
}

/** The type checker refuses these, but JavaScript does not. */
function warnOfMisspelling(types: readonly string[], { provider, logger }: Registering): void {
  for (const type of types) {
    const meant = provider.events.has(type) ? undefined : closestName(type, [...provider.events.keys()])
    if (meant)
      logger.warn({ provider: provider.name, type }, `no such event type is known; did you mean ${meant}?`)
  }
}

/** Events that only catch-all handlers have handled are not handled again. */
function warnOfLateness(types: readonly string[], { provider, name, logger }: Registering): void {
  logger.warn(
    { provider: provider.name, source: name, types },
    'handling began with catch-all handlers only, so earlier events of this type are already done: register handlers by type first, or in the same turn of the event loop',
  )
}
