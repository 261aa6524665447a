import type { EventMap, EventSchemas, EventsOf, JsonObject, StandardSchema } from '@hookport/core'

/** No event types. */
export type NoEvents = Record<never, never>

/** A schema for each of a provider's event types. */
export type SchemasOf<Events extends object> = {
  [Type in keyof Events]: StandardSchema<unknown, Events[Type]>
}

/**
 * A provider's own event types, extended or overridden by those of the application. Of schemas whose names are not known, the compiler knows no type:
 * these are also what it infers from the declared type of a variable, and what `ReturnType` reads.
 */
export type WithEvents<Own extends EventMap, Added extends EventSchemas> = keyof Added extends never
  ? Own
  : string extends keyof Added
    ? Own & { [type: string]: unknown }
    : Omit<Own, keyof Added> & EventsOf<Added>

/** The schemas of a provider, extended or overridden by those of the application. */
export function withEvents(own: EventSchemas, added: EventSchemas | undefined): EventSchemas {
  return { ...own, ...added }
}

/**
 * The events of a sender that has more types than can be listed. Any type may be handled. Data is validated and typed where there is a schema, and
 * otherwise as sent.
 *
 * `Unchecked`: data that is the whole payload always exists. Data that is a field may be missing.
 */
export type AnyEvents<
  Known extends EventSchemas,
  Unchecked extends JsonObject | undefined = JsonObject,
> = EventsOf<Known> & { [type: string]: Unchecked }
