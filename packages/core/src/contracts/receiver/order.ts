import type { WebhookEvent } from '../event.ts'

/** An event of any type, with its data checked. */
// biome-ignore lint/suspicious/noExplicitAny: it sees the data of all types, and one field of each
export type OrderedEvent = WebhookEvent<string, any>

/** Handles events of one key one at a time, over all processes that share the inbox. */
export interface OrderOptions {
  /**
   * The order key of an event, such as the id of its run. Undefined or null where order does not matter for it. Called once, when the event is put,
   * with validated data. An event for which it throws, or whose data does not fit its schema, is kept as a dead letter. A redrive reads it again and
   * calls `by` again.
   *
   * Keys of different sources or tenants are different.
   */
  by(event: OrderedEvent): string | null | undefined
  /**
   * What becomes of an event that arrives after a newer one of its key: `handle` it anyway, or `skip` each handler that has succeeded with a newer
   * one within `dedupeWindow`. Newer means a later `createdAt`, or the same and a higher rank. A skipped event is observed as `skipped`, and counts
   * as handled. Defaults to `handle`.
   */
  older?: 'handle' | 'skip'
  /**
   * Of two events of a key that happened at the same time, the one with the lower rank comes first. Any finite number. Defaults to the stage of the
   * event's type in the provider's `lifecycle`, or 0.
   */
  rank?(event: OrderedEvent): number
}
