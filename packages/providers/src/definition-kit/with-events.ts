import type { EventMap, EventSchemas, EventsOf, StandardSchema } from '@hookport/core'

/** No event types. */
export type NoEvents = Record<never, never>

/** A schema for each of a provider's event types. */
export type SchemasOf<Events extends object> = {
  [Type in keyof Events]: StandardSchema<unknown, Events[Type]>
}

/** A provider's own event types, with those of the application added, or put in their place. */
export type WithEvents<Own extends EventMap, Added extends EventSchemas> = keyof Added extends never
  ? Own
  : Omit<Own, keyof Added> & EventsOf<Added>

/** The schemas of a provider, with those of the application added, or put in their place. */
export function withEvents(own: EventSchemas, added: EventSchemas | undefined): EventSchemas {
  return { ...own, ...added }
}
