import type { EventSchemas, EventsOf, JsonObject } from '@hookport/core'

/** The events of a sender that has more types than can be listed. Any type may be handled; data is checked and typed where there is a schema. */
export type AnyEvents<Known extends EventSchemas> = EventsOf<Known> & { [type: string]: JsonObject }
