import type { EventSchemas, EventsOf, JsonObject } from '@hookport/core'

/**
 * The events of a sender that has more types than can be listed. Any type may be handled; data is checked and typed where there is a schema,
 * and else as sent.
 *
 * `Unchecked`: where data is the whole payload, it is there; where it is a field, a sender may leave it out.
 */
export type AnyEvents<
  Known extends EventSchemas,
  Unchecked extends JsonObject | undefined = JsonObject,
> = EventsOf<Known> & { [type: string]: Unchecked }
