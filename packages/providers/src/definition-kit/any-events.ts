import type { EventSchemas, EventsOf, JsonObject } from '@hookport/core'

/** For a sender with more event types than are described here: any type may be handled, its data unchecked, but for those with a schema. */
export type AnyEvents<Known extends EventSchemas> = EventsOf<Known> & { [type: string]: JsonObject }
