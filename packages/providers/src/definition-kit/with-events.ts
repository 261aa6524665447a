import type { EventMap, EventSchemas, EventsOf, StandardSchema } from '@hookport/core'

/** No event types. */
export type NoEvents = Record<never, never>

/** A schema for each of a provider's event types. */
export type SchemasOf<Events extends object> = {
  [Type in keyof Events]: StandardSchema<unknown, Events[Type]>
}

/**
 * A provider's own event types, extended or overridden by those of the application. `Added` is never inferred from here: a variable that is declared with
 * its type would otherwise say what was added.
 */
export type WithEvents<Own extends EventMap, Added extends EventSchemas> = keyof Added extends never
  ? Own
  : Omit<Own, keyof Added> & EventsOf<NoInfer<Added>>

/** The schemas of a provider, extended or overridden by those of the application. */
export function withEvents(own: EventSchemas, added: EventSchemas | undefined): EventSchemas {
  return { ...own, ...added }
}
