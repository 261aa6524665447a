import type { Logger } from '../contracts/logger.ts'
import type { Provider } from '../contracts/provider/provider.ts'
import { closestName } from '../setup/closest-name.ts'

export interface Registering {
  readonly provider: Pick<Provider, 'name' | 'events'>
  /** Name of the receiver. */
  readonly name: string
  readonly logger: Logger
  /** Whether events were done with so far when the catch-alls had run, and some may be. */
  readonly isLate: boolean
}

/** What is probably a mistake in the registration of a handler for these types. */
export function warnOfRegistration(types: readonly string[], registering: Registering): void {
  warnOfMisspelling(types, registering)
  if (registering.isLate) warnOfLateness(types, registering)
}

/** The type checker does not let these through; JavaScript does. */
function warnOfMisspelling(types: readonly string[], { provider, logger }: Registering): void {
  for (const type of types) {
    const meant = provider.events.has(type) ? undefined : closestName(type, [...provider.events.keys()])
    if (meant)
      logger.warn({ provider: provider.name, type }, `no such event type is known; did you mean ${meant}?`)
  }
}

/** What catch-alls alone were done with is not handled again. */
function warnOfLateness(types: readonly string[], { provider, name, logger }: Registering): void {
  logger.warn(
    { provider: provider.name, source: name, types },
    'handling had begun with catch-alls alone, so that events of every type were done with when those had run: register the handlers by type first, or in the same turn',
  )
}
