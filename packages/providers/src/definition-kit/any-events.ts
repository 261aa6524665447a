import type { EventSchemas, EventsOf, JsonObject } from '@hookport/core'

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
